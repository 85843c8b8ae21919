package org.gatefold.benchmarks.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.gatefold.layer.Parameter;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Shape;

/** The same in libtorch, in the layout that suits it best: what changes Gatefold's layout to it and back is not timed. */
final class LibTorchLayer implements Side {
    private final Weights weights = new Weights();
    private final Function function;
    private final Layout layout;
    private final Tensor x;
    private final Tensor dy;
    private final boolean ofInput;

    /** The forward pass. */
    interface Function {
        Tensor of(Tensor x, Weights weights, boolean training);
    }

    /**
     * Where it puts what.
     *
     * @param in from Gatefold's layout
     * @param out back to it
     */
    record Layout(UnaryOperator<Tensor> in, UnaryOperator<Tensor> out) {
        static final Layout SAME = new Layout(x -> x, x -> x);
        /** Sequences with the rows before the steps: {@code [B, T, F]}. */
        static final Layout ROWS_FIRST = new Layout(x -> x.transpose(0, 1).contiguous(), x -> x.transpose(0, 1));
        /** Sequences with the channels before the steps: {@code [B, C, T]}. */
        static final Layout CHANNELS_FIRST = new Layout(x -> x.permute(1, 2, 0).contiguous(), x -> x.permute(2, 0, 1));
    }

    LibTorchLayer(GatefoldLayer like, Layout layout, Function function) {
        this.layout = layout;
        this.function = function;
        ofInput = like.givesInputGradient();
        org.gatefold.tensor.Tensor input = like.input();
        Tensor numbers = input.type() == ElementType.I32
                ? Tensor.create(input.toInts(), sizes(input.shape()))
                : Tensor.create(input.toFloats(), sizes(input.shape()));
        x = layout.in().apply(numbers);
        x.set_requires_grad(ofInput);
        dy = layout.in()
                .apply(Tensor.create(
                        like.gradient().toFloats(), sizes(like.gradient().shape())));
        for (Parameter parameter : like.parameters()) {
            weights.add(
                    GatefoldLayer.within(parameter),
                    Tensor.create(parameter.value().toFloats(), sizes(parameter.shape())),
                    !parameter.isFrozen());
        }
    }

    static long[] sizes(Shape shape) {
        long[] sizes = new long[shape.rank()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape.dim(i);
        }
        return sizes;
    }

    static float[] floats(Tensor tensor) {
        Tensor dense = tensor.detach().contiguous();
        float[] values = new float[Math.toIntExact(dense.numel())];
        dense.data_ptr_float().get(values);
        return values;
    }

    @Override
    public void run(Pass pass) {
        try (PointerScope pointers = new PointerScope()) {
            if (pass == Pass.FORWARD) {
                forward();
            } else {
                trained();
            }
        }
    }

    private Tensor forward() {
        try (InferenceMode mode = new InferenceMode(true)) {
            return function.of(x, weights, false);
        }
    }

    private Tensor trained() {
        weights.dropGradients();
        if (ofInput) {
            x.mutable_grad().reset();
        }
        Tensor y = function.of(x, weights, true);
        y.backward(dy, new BoolOptional(), false, new TensorArrayRefOptional());
        weights.addUpGradients();
        return y;
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (PointerScope pointers = new PointerScope()) {
            Tensor y = pass == Pass.FORWARD ? forward() : trained();
            values.put("y", floats(layout.out().apply(y)));
            if (pass == Pass.TRAINING) {
                if (ofInput) {
                    values.put("dx", floats(layout.out().apply(x.grad())));
                }
                weights.putGradients(values);
            }
        }
        return values;
    }

    @Override
    public void close() {
        x.close();
        dy.close();
        weights.close();
    }
}
