package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.model.Network;
import org.gatefold.seq2seq.EncoderDecoder;

/**
 * A bidirectional encoder, a decoder of twice as many units, general attention, logits by the vectors of the target.
 *
 * @param steps of source and target, the symbols that begin and end it among these
 * @param vocabulary of either
 * @param units of the encoder in each direction
 */
record Translating(int steps, int vocabulary, int embedding, int units) implements Architecture {
    /** The first id that is no symbol. */
    private static final int FIRST = 3;

    @Override
    public Network network() {
        return EncoderDecoder.of(vocabulary, vocabulary)
                .embedding(embedding)
                .units(units, 2 * units)
                .bidirectional()
                .attention(EncoderDecoder.Attention.GENERAL)
                .tied()
                .network();
    }

    @Override
    public Examples examples(int rows) {
        int[][] next = Input.draw(5, rows, steps, FIRST, vocabulary);
        int[][] previous = new int[rows][steps];
        for (int row = 0; row < rows; row++) {
            next[row][steps - 1] = EncoderDecoder.END;
            System.arraycopy(next[row], 0, previous[row], 1, steps - 1);
            previous[row][0] = EncoderDecoder.START;
        }
        return new Examples(
                Wanted.CLASSES,
                List.of(
                        Input.ofIds(EncoderDecoder.SOURCE, Input.draw(7, rows, steps, FIRST, vocabulary)),
                        Input.ofIds(EncoderDecoder.PREVIOUS, previous)),
                next,
                null);
    }

    @Override
    public Tensor forward(List<Tensor> inputs, TorchWeights weights) {
        long batch = inputs.get(0).size(1);
        long wide = 2L * units;
        T_TensorTensorTensor_T read = lstm(
                torch.embedding(weights.get("source-embedding.w"), inputs.get(0)),
                weights.states("encoder", 2, batch, units),
                "encoder",
                true,
                weights);
        TensorVector first = new TensorVector(sides(read.get1(), batch, wide), sides(read.get2(), batch, wide));
        Tensor vectors = weights.get("target-embedding.w");
        Tensor h = lstm(torch.embedding(vectors, inputs.get(1)), first, "decoder", false, weights)
                .get0()
                .transpose(0, 1);
        Tensor source = read.get0().transpose(0, 1);
        Tensor keys = torch.linear(source, weights.get("attention.w"));
        Tensor attended = h.bmm(keys.transpose(1, 2)).softmax(2).bmm(source);
        Tensor both = torch.cat(new TensorVector(attended, h), 2);
        Tensor out = torch.linear(both, weights.get("combine.w")).tanh().transpose(0, 1);
        return torch.linear(out, vectors, new TensorOptional(weights.get("logits.b")));
    }

    private static T_TensorTensorTensor_T lstm(
            Tensor x, TensorVector first, String name, boolean both, TorchWeights weights) {
        return torch.lstm(x, first, weights.recurrent(List.of(name + ".0")), true, 1, 0, true, both, false);
    }

    /** The states of both directions side by side. */
    private static Tensor sides(Tensor states, long batch, long wide) {
        return states.transpose(0, 1).reshape(1, batch, wide);
    }

    /** Of both layers, the matrix of attention, scores, what is attended to, both together, and logits. */
    @Override
    public double products() {
        double wide = 2.0 * units;
        double ofSteps = 2 * 4.0 * units * (embedding + units)
                + 4 * wide * (embedding + wide)
                + wide * wide
                + 2 * steps * wide
                + 2 * wide * embedding
                + (double) embedding * vocabulary;
        return 3 * steps * ofSteps;
    }

    @Override
    public List<LayerShape> recurrent(int batch) {
        return List.of(
                new LayerShape(steps, batch, embedding, units, 1, 2, false),
                new LayerShape(steps, batch, embedding, 2 * units, 1, 1, false));
    }
}
