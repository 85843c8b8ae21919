package org.gatefold.layer.pooling;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Form;

/**
 * Windows over images, {@code [B, C, H, W]} to {@code [B, C, H', W']}, or over each step of films {@code [T, B, C, H, W]}.
 *
 * @param <L> the layer that options give back
 */
abstract class Pooling2d<L extends Pooling2d<L>> extends WindowPooling<L> {
    private final int kernelHeight;
    private final int kernelWidth;
    private int strideHeight;
    private int strideWidth;
    private int paddingHeight;
    private int paddingWidth;
    private boolean same;

    Pooling2d(Kind kind, int kernelHeight, int kernelWidth) {
        super(kind);
        this.kernelHeight = Arguments.requireAtLeast("kernelHeight", 1, kernelHeight);
        this.kernelWidth = Arguments.requireAtLeast("kernelWidth", 1, kernelWidth);
        this.strideHeight = kernelHeight;
        this.strideWidth = kernelWidth;
    }

    /** Reads the options that both kinds have. */
    final L configured(Options options) {
        stride(options.integer("strideHeight"), options.integer("strideWidth"));
        padding(options.integer("paddingHeight"), options.integer("paddingWidth"));
        return options.flag("same") ? same() : self();
    }

    /** Rows and columns from one window to the next; by default as many as the window has. */
    public final L stride(int height, int width) {
        requireNotBuilt();
        strideHeight = Arguments.requireAtLeast("strideHeight", 1, height);
        strideWidth = Arguments.requireAtLeast("strideWidth", 1, width);
        return self();
    }

    /** Pads by so many rows above and below and columns left and right, fewer than a window has; none by default. */
    public final L padding(int height, int width) {
        requireNotBuilt();
        paddingHeight = side("paddingHeight", kernelHeight, height);
        paddingWidth = side("paddingWidth", kernelWidth, width);
        same = false;
        return self();
    }

    private static int side(String argument, int kernel, int padding) {
        if (padding < 0 || padding >= kernel) {
            throw new IllegalArgumentException(
                    argument + ": expected 0 to " + (kernel - 1) + ", less than a window has, got " + padding);
        }
        return padding;
    }

    /** As Keras' {@code padding="same"}: one output for each begun stride, padded evenly, what is left over below and right. */
    public final L same() {
        padding(0, 0);
        same = true;
        return self();
    }

    @Override
    protected final Map<String, Object> options() {
        Map<String, Object> options = Options.written(
                "kernelHeight", kernelHeight,
                "kernelWidth", kernelWidth,
                "strideHeight", strideHeight,
                "strideWidth", strideWidth,
                "paddingHeight", paddingHeight,
                "paddingWidth", paddingWidth,
                "same", same);
        return options(options);
    }

    @Override
    protected final Form declare(ParameterStore parameters, Form in) {
        List<Integer> image = requireImages(in);
        int height = outputs("rows", image.get(1), kernelHeight, strideHeight, paddingHeight);
        int width = outputs("columns", image.get(2), kernelWidth, strideWidth, paddingWidth);
        return Form.rows(image.get(0), height, width).withSequence(in.sequence());
    }

    private int outputs(String what, int size, int kernel, int stride, int padding) {
        if (same) {
            return (size - 1) / stride + 1;
        }
        int places = Math.addExact(size, Math.multiplyExact(2, padding)) - kernel;
        if (places < 0) {
            throw new IllegalArgumentException("layer '" + name() + "': expected images of at least " + kernel + " "
                    + what + " with the padding, got " + size);
        }
        return places / stride + 1;
    }

    private int before(int dimension, int kernel, int stride, int padding) {
        if (!same) {
            return padding;
        }
        int size = input().dimensions().get(dimension);
        int last = (size - 1) / stride * stride;
        return Math.max(0, last + kernel - size) / 2;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected final Variable apply(Context context, Variable x) {
        PoolingSpec spec = new PoolingSpec(
                kind(),
                true,
                kernelHeight,
                kernelWidth,
                strideHeight,
                strideWidth,
                before(1, kernelHeight, strideHeight, paddingHeight),
                before(2, kernelWidth, strideWidth, paddingWidth),
                countsPadding());
        return poolImages(context, spec, x, input(), output());
    }

    @Override
    protected final void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
