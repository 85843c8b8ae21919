package org.gatefold.layer.pooling;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.ImageWindows;
import org.gatefold.layer.ImageWindows.Axis;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Form;

/**
 * Windows over images, {@code [B, C, H, W]} to {@code [B, C, H', W']}, or over each step of films {@code [T, B, C, H, W]}.
 *
 * @param <L> the layer that options give back
 */
abstract class Pooling2d<L extends Pooling2d<L>> extends WindowPooling<L> {
    private ImageWindows windows;

    Pooling2d(Kind kind, int kernelHeight, int kernelWidth) {
        super(kind);
        this.windows = ImageWindows.of(kernelHeight, kernelWidth).withStride(kernelHeight, kernelWidth);
    }

    /** Reads the options that both kinds have. */
    final L configured(Options options) {
        stride(options.integer("strideHeight"), options.integer("strideWidth"));
        padding(options.integer("paddingHeight"), options.integer("paddingWidth"));
        return options.flag("same") ? same() : self();
    }

    /** Rows and columns from one window to the next; by default as many as the window has. */
    public final L stride(int height, int width) {
        return windows(windows.withStride(height, width));
    }

    /** Pads by so many rows above and below and columns left and right, fewer than a window has; none by default. */
    public final L padding(int height, int width) {
        return windows(windows.withPadding(
                side("paddingHeight", windows.rows().kernel(), height),
                side("paddingWidth", windows.columns().kernel(), width)));
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
        return windows(windows.withSame());
    }

    private L windows(ImageWindows changed) {
        windows = option("windows", changed);
        return self();
    }

    @Override
    protected final Map<String, Object> options() {
        return options(windows.written(false));
    }

    @Override
    protected final Form declare(ParameterStore parameters, Form in) {
        List<Integer> image = requireImages(in);
        int height = outputs("rows", image.get(1), windows.rows());
        int width = outputs("columns", image.get(2), windows.columns());
        return Form.rows(image.get(0), height, width).withSequence(in.sequence());
    }

    private int outputs(String what, int size, Axis axis) {
        if (windows.same()) {
            return (size - 1) / axis.stride() + 1;
        }
        int places = Math.addExact(size, Math.multiplyExact(2, axis.padding())) - axis.kernel();
        if (places < 0) {
            throw new IllegalArgumentException("layer '" + name() + "': expected images of at least " + axis.kernel()
                    + " " + what + " with the padding, got " + size);
        }
        return places / axis.stride() + 1;
    }

    /** @param dimension of images that the axis is */
    private int before(int dimension, Axis axis) {
        if (!windows.same()) {
            return axis.padding();
        }
        int size = input().dimensions().get(dimension);
        int last = (size - 1) / axis.stride() * axis.stride();
        return Math.max(0, last + axis.kernel() - size) / 2;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected final Variable apply(Context context, Variable x) {
        Axis rows = windows.rows();
        Axis columns = windows.columns();
        PoolingSpec spec = new PoolingSpec(
                kind(),
                true,
                rows.kernel(),
                columns.kernel(),
                rows.stride(),
                columns.stride(),
                before(1, rows),
                before(2, columns),
                countsPadding());
        return poolImages(context, spec, x, input(), output());
    }

    @Override
    protected final void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
