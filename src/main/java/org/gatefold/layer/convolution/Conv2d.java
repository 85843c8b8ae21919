package org.gatefold.layer.convolution;

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
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * A convolution over images, {@code [B, C, H, W]} to {@code [B, filters, H', W']}, or over each step of films {@code [T, B, C, H,
 * W]}; PyTorch's Conv2d, Keras' Conv2D with channels first.
 *
 * <p>Parameters {@code NAME.w [filters, C/groups, kernel height, kernel width]} and {@code NAME.b [filters]}, at first as in
 * PyTorch. In padding of sequences it gives what follows from what stands there, which must be finite.
 */
public final class Conv2d extends Convolution<Conv2d> {
    private ImageWindows windows;

    private Conv2d(int filters, int kernelHeight, int kernelWidth) {
        super(filters);
        this.windows = ImageWindows.of(kernelHeight, kernelWidth);
    }

    /** A convolution by so many filters of a size. */
    public static Conv2d of(int filters, int kernelHeight, int kernelWidth) {
        return new Conv2d(filters, kernelHeight, kernelWidth);
    }

    static Conv2d described(Options options) {
        Conv2d made = of(options.integer("filters"), options.integer("kernelHeight"), options.integer("kernelWidth"))
                .stride(options.integer("strideHeight"), options.integer("strideWidth"))
                .dilation(options.integer("dilationHeight"), options.integer("dilationWidth"))
                .padding(options.integer("paddingHeight"), options.integer("paddingWidth"))
                .configured(options);
        return options.flag("same") ? made.same() : made;
    }

    @Override
    Conv2d self() {
        return this;
    }

    /** Rows and columns from one output to the next; 1 by default. */
    public Conv2d stride(int height, int width) {
        return windows(windows.withStride(height, width));
    }

    /** Rows and columns from one element of the kernel to the next; 1 by default. */
    public Conv2d dilation(int height, int width) {
        return windows(windows.withDilation(height, width));
    }

    /** Rows of zeros above and below, and columns left and right; none by default. */
    public Conv2d padding(int height, int width) {
        return windows(windows.withPadding(height, width));
    }

    /** Pads so that images keep their size, half of it above and left; needs stride 1, as in PyTorch. */
    public Conv2d same() {
        return windows(windows.withSame());
    }

    private Conv2d windows(ImageWindows changed) {
        windows = option("windows", changed);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return options(windows.written(true));
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        List<Integer> image = requireImages(in);
        Axis rows = windows.rows();
        Axis columns = windows.columns();
        if (windows.same() && (rows.stride() > 1 || columns.stride() > 1)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected stride 1 with padding 'same', got "
                    + rows.stride() + " and " + columns.stride() + "; give the padding in rows and columns");
        }
        int height = outputs("rows", image.get(1), rows);
        int width = outputs("columns", image.get(2), columns);
        declare(parameters, image.get(0), rows.kernel(), columns.kernel());
        return in.sequence() ? Form.sequences(filters(), height, width) : Form.rows(filters(), height, width);
    }

    private int outputs(String what, int size, Axis axis) {
        int span = axis.span();
        int padded = windows.same() ? span - 1 : Math.multiplyExact(2, axis.padding());
        int places = Math.addExact(size, padded) - span;
        if (places < 0) {
            throw new IllegalArgumentException("layer '" + name() + "': expected images of at least " + span + " "
                    + what + " with the padding, got " + size);
        }
        return places / axis.stride() + 1;
    }

    private int before(Axis axis) {
        return windows.same() ? (axis.span() - 1) / 2 : axis.padding();
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        Axis rows = windows.rows();
        Axis columns = windows.columns();
        ConvolutionSpec spec = new ConvolutionSpec(
                true,
                rows.kernel(),
                columns.kernel(),
                rows.stride(),
                columns.stride(),
                rows.dilation(),
                columns.dilation(),
                before(rows),
                before(columns),
                groups());
        if (!output().sequence()) {
            return convolve(context, spec, x, null, output().shape(1, x.shape().dim(0)));
        }
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Variable images =
                x.reshape(input().withSequence(false).shape(1, steps * batch).toArray());
        Shape shape = output().withSequence(false).shape(1, steps * batch);
        return convolve(context, spec, images, null, shape)
                .reshape(x.lengths(), output().shape(steps, batch).toArray());
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(steps, batch));
    }
}
