package org.gatefold.benchmarks.options;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.LayerShape;

/**
 * The same in libtorch: its own LSTM where it has the option, else the loop that users write, with the product with x for all steps at
 * once. Takes the weights of Gatefold's layer.
 */
final class LibTorchOption {
    private final CellOption option;
    private final LayerShape shape;
    private final List<Tensor> trained = new ArrayList<>();
    private final Tensor input;
    private final Tensor wx;
    private final Tensor wh;
    private final Tensor b;
    private final Tensor zeros;
    private final Tensor recurrentBias;
    private final Tensor gradient;
    private final Tensor real;
    private Tensor peepholes;
    private Tensor wr;
    private Tensor gainX;
    private Tensor gainOfBatch;
    private Tensor gainH;
    private Tensor gainC;
    private Tensor shiftC;

    LibTorchOption(CellOption option, LayerShape shape, GatefoldOption weights, float[] x, float[] dy, boolean[] mask) {
        this.option = option;
        this.shape = shape;
        int units = shape.hiddenSize();
        int features = option == CellOption.PROJECTION ? units / 2 : units;
        input = trained(x, shape.steps(), shape.batch(), shape.inputSize());
        int sums = option.gates() * units;
        wx = trained(weights.parameter("wx"), sums, shape.inputSize());
        wh = trained(weights.parameter("wh"), sums, features);
        float[] biases = weights.parameter("b");
        b = trained(part(biases, 0, sums), sums);
        zeros = Tensor.create(new float[shape.batch() * units], shape.batch(), units);
        float[] recurrent = new float[sums];
        System.arraycopy(biases, sums, recurrent, 2 * units, biases.length - sums);
        recurrentBias = option.gru() ? trained(recurrent, sums) : Tensor.create(recurrent, sums);
        gradient = Tensor.create(dy, shape.steps(), shape.batch(), features);
        float[] ones = new float[mask.length];
        for (int i = 0; i < ones.length; i++) {
            ones[i] = mask[i] ? 1 : 0;
        }
        real = Tensor.create(ones, shape.steps(), shape.batch(), 1);
        if (option == CellOption.PEEPHOLES) {
            peepholes = trained(weights.parameter("p"), 3, units);
        } else if (option == CellOption.PROJECTION) {
            wr = trained(weights.parameter("wr"), features, units);
        } else if (option.normalises()) {
            float[] norm = weights.parameter("norm");
            gainX = trained(part(norm, 0, sums), sums);
            gainH = trained(part(norm, sums, sums), sums);
        }
        if (option == CellOption.BATCH_NORM) {
            gainOfBatch = trained(weights.parameter("gamma"), sums);
        }
        if (option == CellOption.LAYER_NORM) {
            float[] norm = weights.parameter("norm");
            gainC = trained(part(norm, 2 * sums, units), units);
            shiftC = trained(part(norm, 2 * sums + units, units), units);
        }
    }

    private static float[] part(float[] values, int from, int count) {
        return java.util.Arrays.copyOfRange(values, from, from + count);
    }

    private Tensor trained(float[] values, long... sizes) {
        Tensor tensor = Tensor.create(values, sizes);
        tensor.set_requires_grad(true);
        trained.add(tensor);
        return tensor;
    }

    /** Whether libtorch has the option itself. */
    boolean isBuiltIn() {
        return option == option.plain() || option == CellOption.PROJECTION;
    }

    /** Forward and backward. */
    void run() {
        try (PointerScope pointers = new PointerScope()) {
            for (Tensor one : trained) {
                one.mutable_grad().reset();
            }
            forward().backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
        }
    }

    float[] output() {
        try (PointerScope pointers = new PointerScope()) {
            Tensor y = forward().detach().contiguous();
            float[] values = new float[Math.toIntExact(y.numel())];
            y.data_ptr_float().get(values);
            return values;
        }
    }

    private Tensor forward() {
        if (option.gru()) {
            return isBuiltIn() ? builtInGru() : gruLoop();
        }
        return isBuiltIn() ? builtIn() : loop();
    }

    private Tensor builtIn() {
        TensorVector states = new TensorVector();
        Tensor h = option == CellOption.PROJECTION ? zeros.narrow(1, 0, shape.hiddenSize() / 2) : zeros;
        states.push_back(h.contiguous().unsqueeze(0));
        states.push_back(zeros.unsqueeze(0));
        TensorVector weights = new TensorVector();
        weights.push_back(wx);
        weights.push_back(wh);
        weights.push_back(b);
        weights.push_back(recurrentBias);
        if (wr != null) {
            weights.push_back(wr);
        }
        return torch.lstm(input, states, weights, true, 1, 0, true, false, false)
                .get0();
    }

    private Tensor builtInGru() {
        TensorVector weights = new TensorVector();
        weights.push_back(wx);
        weights.push_back(wh);
        weights.push_back(b);
        weights.push_back(recurrentBias);
        return torch.gru(input, zeros.unsqueeze(0), weights, true, 1, 0, true, false, false)
                .get0();
    }

    private Tensor gruLoop() {
        Tensor products = normal(torch.linear(input, wx), gainX, null).add(b);
        Tensor h = zeros;
        TensorVector outputs = new TensorVector();
        for (int t = 0; t < shape.steps(); t++) {
            TensorVector ofX = products.select(0, t).chunk(3, 1);
            TensorVector ofH =
                    normal(torch.linear(h, wh), gainH, null).add(recurrentBias).chunk(3, 1);
            Tensor r = ofX.get(0).add(ofH.get(0)).sigmoid();
            Tensor z = ofX.get(1).add(ofH.get(1)).sigmoid();
            Tensor n = ofX.get(2).add(r.mul(ofH.get(2))).tanh();
            h = n.add(z.mul(h.sub(n)));
            outputs.push_back(h);
        }
        return torch.stack(outputs, 0);
    }

    private Tensor normalOfBatch(Tensor products) {
        TensorOptional none = new TensorOptional();
        Tensor rows = products.reshape(-1, gainOfBatch.numel());
        return torch.batch_norm(rows, new TensorOptional(gainOfBatch), none, none, none, true, 0.1, 1e-5, false)
                .reshape(products.sizes());
    }

    private Tensor loop() {
        Tensor products = torch.linear(input, wx);
        products = gainX == null ? products : normal(products, gainX, null);
        products = gainOfBatch == null ? products : normalOfBatch(products);
        products = products.add(b);
        Tensor dropped =
                option == CellOption.RECURRENT_DROPOUT ? torch.dropout(torch.ones_like(zeros), 0.25, true) : null;
        Tensor h = zeros;
        Tensor c = zeros;
        TensorVector outputs = new TensorVector();
        for (int t = 0; t < shape.steps(); t++) {
            Tensor product = torch.linear(dropped == null ? h : h.mul(dropped), wh);
            product = gainH == null ? product : normal(product, gainH, null);
            TensorVector sums = products.select(0, t).add(product).chunk(4, 1);
            Tensor ofI = sums.get(0);
            Tensor ofF = sums.get(1);
            if (peepholes != null) {
                ofI = ofI.add(peepholes.select(0, 0).mul(c));
                ofF = ofF.add(peepholes.select(0, 1).mul(c));
            }
            Tensor i = gate(ofI);
            Tensor f = option == CellOption.COUPLED ? i.neg().add(new Scalar(1f)) : gate(ofF);
            Tensor g = clipped(sums.get(2), CellOption.GATE_CLIP).tanh();
            g = option == CellOption.CANDIDATE_DROPOUT ? torch.dropout(g, 0.25, true) : g;
            Tensor made = clipped(f.mul(c).add(i.mul(g)), CellOption.CELL_CLIP);
            Tensor o = gate(
                    peepholes == null
                            ? sums.get(3)
                            : sums.get(3).add(peepholes.select(0, 2).mul(made)));
            Tensor shown = gainC == null ? made : normal(made, gainC, shiftC);
            Tensor given = o.mul(shown.tanh());
            if (option == CellOption.ZONEOUT) {
                made = made.add(torch.bernoulli(zeros, 0.1).mul(c.sub(made)));
                given = given.add(torch.bernoulli(zeros, 0.1).mul(h.sub(given)));
            } else if (option == CellOption.MASK) {
                made = c.add(real.select(0, t).mul(made.sub(c)));
                given = h.add(real.select(0, t).mul(given.sub(h)));
            }
            c = made;
            h = given;
            outputs.push_back(h);
        }
        return torch.stack(outputs, 0);
    }

    private Tensor gate(Tensor sum) {
        if (option == CellOption.HARD_SIGMOID) {
            return bounded(sum.mul(new Scalar(0.2f)).add(new Scalar(0.5f)), 0f, 1f);
        }
        return clipped(sum, CellOption.GATE_CLIP).sigmoid();
    }

    private Tensor clipped(Tensor value, CellOption by) {
        return option == by ? bounded(value, -1f, 1f) : value;
    }

    private static Tensor bounded(Tensor value, float low, float high) {
        return value.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
    }

    private static Tensor normal(Tensor rows, Tensor gain, Tensor shift) {
        TensorOptional none = new TensorOptional();
        return torch.layer_norm(
                rows,
                new long[] {gain.size(0)},
                new TensorOptional(gain),
                shift == null ? none : new TensorOptional(shift),
                1e-5,
                true);
    }
}
