package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.layer.Layer;
import org.gatefold.layer.recurrent.Lstm;

/**
 * LSTMs one on the other, as the language models of the applications have them, or one that reads in both directions.
 *
 * @param count of layers; one if they are {@code bidirectional}
 * @param answer what they give
 */
record Recurrent(int units, int count, boolean bidirectional, Answer answer) implements Part {
    private static final String NAME = "lstm";

    /** What recurrent layers give. */
    enum Answer {
        /** The state at the end of what was read. */
        LAST,
        /** The outputs of all steps. */
        STEPS,
        /** The same, each batch beginning with the states at the end of the batch before. */
        CARRIED
    }

    @Override
    public List<Layer> layers(Size in) {
        return IntStream.range(0, count).<Layer>mapToObj(this::layer).toList();
    }

    private Lstm layer(int index) {
        Lstm layer = Lstm.of(units).named(NAME + index);
        Lstm read = bidirectional ? layer.bidirectional() : layer;
        return switch (answer) {
            case LAST -> index == count - 1 ? read : read.returnSequences();
            case STEPS -> read.returnSequences();
            case CARRIED -> read.returnSequences().stateful();
        };
    }

    private List<String> names() {
        return IntStream.range(0, count).mapToObj(index -> NAME + index + ".0").toList();
    }

    private int directions() {
        return bidirectional ? 2 : 1;
    }

    @Override
    public Tensor forward(Tensor x, Size in, TorchWeights weights) {
        TensorVector before = weights.states(NAME, (long) count * directions(), x.size(1), units);
        T_TensorTensorTensor_T read =
                torch.lstm(x, before, weights.recurrent(names()), true, count, 0, true, bidirectional, false);
        if (answer == Answer.CARRIED) {
            weights.carry(NAME, read.get1(), read.get2());
        }
        return answer == Answer.LAST ? last(read.get1()) : read.get0();
    }

    /** The states of the top layer's directions side by side. */
    private Tensor last(Tensor states) {
        if (!bidirectional) {
            return states.select(0, count - 1);
        }
        return torch.cat(new TensorVector(states.select(0, 0), states.select(0, 1)), 1);
    }

    @Override
    public Size output(Size in) {
        int features = directions() * units;
        return answer == Answer.LAST ? Size.row(features) : in.with(features);
    }

    @Override
    public Products products(Size in) {
        double each = 4.0 * units * in.steps();
        double above = (count - 1) * each * 2 * units;
        return new Products(directions() * each * in.features(), directions() * each * units + above);
    }

    @Override
    public Optional<LayerShape> recurrent(Size in, int batch) {
        return Optional.of(new LayerShape(in.steps(), batch, in.features(), units, count, directions(), false));
    }
}
