package org.gatefold.benchmarks.models;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The same models of libtorch's modules, with its loss, clipping and Adam. */
final class LibTorchTraining implements ModelTraining {
    private final ModelShape shape;
    /** Of all that lasts; open until this is closed. */
    private final PointerScope scope = new PointerScope();

    private final TensorVector trained = new TensorVector();
    private final EmbeddingImpl embedding;
    private final LSTMImpl lstm;
    private EmbeddingImpl target;
    private LSTMImpl decoder;
    private LinearImpl attention;
    private LinearImpl combine;
    private LinearImpl output;
    private final Adam adam;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Tensor> previous = new ArrayList<>();
    private final List<Tensor> answers = new ArrayList<>();

    LibTorchTraining(ModelShape shape, int threads) {
        torch.set_num_threads(threads);
        this.shape = shape;
        boolean one = shape == ModelShape.CLASSIFIER || shape == ModelShape.TRANSLATION;
        embedding = add(new EmbeddingImpl(shape.vocabulary(), shape.embedding()));
        lstm = add(new LSTMImpl(lstm(shape.embedding(), shape.units(), one ? 1 : 2, one)));
        if (shape == ModelShape.TRANSLATION) {
            int wide = 2 * shape.units();
            target = add(new EmbeddingImpl(shape.classes(), shape.embedding()));
            decoder = add(new LSTMImpl(lstm(shape.embedding(), wide, 1, false)));
            attention = add(new LinearImpl(linear(wide, wide, false)));
            combine = add(new LinearImpl(linear(2 * wide, shape.embedding(), false)));
        } else {
            output = add(new LinearImpl(linear(one ? 2 * shape.units() : shape.units(), shape.classes(), true)));
        }
        adam = new Adam(trained, new AdamOptions(shape.rate()));
        read(shape.data());
    }

    private static LSTMOptions lstm(int in, int units, int layers, boolean both) {
        LSTMOptions options = new LSTMOptions(in, units);
        options.num_layers().put(layers);
        options.bidirectional().put(both);
        return options;
    }

    private static LinearOptions linear(int in, int out, boolean bias) {
        LinearOptions options = new LinearOptions(in, out);
        options.bias().put(bias);
        return options;
    }

    private <M extends Module> M add(M module) {
        TensorVector parameters = module.parameters();
        for (long i = 0; i < parameters.size(); i++) {
            trained.push_back(parameters.get(i));
        }
        return module;
    }

    private void read(TokenData data) {
        int batch = shape.batch();
        for (int from = 0; from < data.rows(); from += batch) {
            inputs.add(Tensor.create(TokenData.stepsFirst(data.inputs(), from, batch), shape.steps(), batch));
            int[][] wanted = data.others();
            if (shape == ModelShape.TRANSLATION) {
                int[][] before = new int[data.rows()][shape.steps()];
                int[][] next = new int[data.rows()][shape.steps()];
                for (int row = 0; row < data.rows(); row++) {
                    before[row][0] = 1;
                    System.arraycopy(wanted[row], 0, before[row], 1, shape.steps() - 1);
                    System.arraycopy(wanted[row], 0, next[row], 0, shape.steps() - 1);
                    next[row][shape.steps() - 1] = 2;
                }
                previous.add(Tensor.create(TokenData.stepsFirst(before, from, batch), shape.steps(), batch));
                wanted = next;
            }
            answers.add(Tensor.create(TokenData.stepsFirst(wanted, from, batch)));
        }
    }

    private Tensor logits(int number) {
        T_TensorT_TensorTensor_T_T read = lstm.forward(embedding.forward(inputs.get(number)));
        return switch (shape) {
            case CLASSIFIER -> output.forward(read.get0().amax(new long[] {0}, false));
            case CHARACTERS, WORDS ->
                output.forward(read.get0()).reshape((long) shape.steps() * shape.batch(), shape.classes());
            case TRANSLATION -> translated(read, previous.get(number));
        };
    }

    private Tensor translated(T_TensorT_TensorTensor_T_T read, Tensor before) {
        long batch = shape.batch();
        long wide = 2L * shape.units();
        T_TensorTensor_T first = new T_TensorTensor_T(
                sides(read.get1().get0(), batch, wide), sides(read.get1().get1(), batch, wide));
        Tensor h = decoder.forward(target.forward(before), first).get0().transpose(0, 1);
        Tensor source = read.get0().transpose(0, 1);
        Tensor weights = h.bmm(attention.forward(source).transpose(1, 2)).softmax(2);
        Tensor both = torch.cat(new TensorVector(weights.bmm(source), h), 2);
        Tensor out = combine.forward(both).tanh().transpose(0, 1);
        return out.reshape(shape.steps() * batch, shape.embedding())
                .matmul(target.weight().t());
    }

    /** The states of both directions side by side. */
    private static Tensor sides(Tensor states, long batch, long wide) {
        return states.transpose(0, 1).reshape(1, batch, wide);
    }

    @Override
    public double epoch() {
        double sum = 0;
        for (int i = 0; i < inputs.size(); i++) {
            try (PointerScope step = new PointerScope()) {
                adam.zero_grad();
                Tensor loss = torch.cross_entropy_loss(logits(i), answers.get(i));
                loss.backward();
                torch.clip_grad_norm_(trained, ModelShape.MAX_NORM);
                adam.step();
                sum += loss.item_float();
            }
        }
        return sum / inputs.size();
    }

    @Override
    public void close() {
        scope.close();
    }
}
