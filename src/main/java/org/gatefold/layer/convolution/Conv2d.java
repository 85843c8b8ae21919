package org.gatefold.layer.convolution;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
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
    private final int kernelHeight;
    private final int kernelWidth;
    private int strideHeight = 1;
    private int strideWidth = 1;
    private int dilationHeight = 1;
    private int dilationWidth = 1;
    private int paddingHeight;
    private int paddingWidth;
    private boolean same;

    private Conv2d(int filters, int kernelHeight, int kernelWidth) {
        super(filters);
        this.kernelHeight = Arguments.requireAtLeast("kernelHeight", 1, kernelHeight);
        this.kernelWidth = Arguments.requireAtLeast("kernelWidth", 1, kernelWidth);
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
        requireNotBuilt();
        strideHeight = Arguments.requireAtLeast("strideHeight", 1, height);
        strideWidth = Arguments.requireAtLeast("strideWidth", 1, width);
        return this;
    }

    /** Rows and columns from one element of the kernel to the next; 1 by default. */
    public Conv2d dilation(int height, int width) {
        requireNotBuilt();
        dilationHeight = Arguments.requireAtLeast("dilationHeight", 1, height);
        dilationWidth = Arguments.requireAtLeast("dilationWidth", 1, width);
        return this;
    }

    /** Rows of zeros above and below, and columns left and right; none by default. */
    public Conv2d padding(int height, int width) {
        requireNotBuilt();
        paddingHeight = Arguments.requireAtLeast("paddingHeight", 0, height);
        paddingWidth = Arguments.requireAtLeast("paddingWidth", 0, width);
        same = false;
        return this;
    }

    /** Pads so that images keep their size, half of it above and left; needs stride 1, as in PyTorch. */
    public Conv2d same() {
        padding(0, 0);
        same = true;
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = Options.written(
                "kernelHeight", kernelHeight,
                "kernelWidth", kernelWidth,
                "strideHeight", strideHeight,
                "strideWidth", strideWidth,
                "dilationHeight", dilationHeight,
                "dilationWidth", dilationWidth,
                "paddingHeight", paddingHeight,
                "paddingWidth", paddingWidth,
                "same", same);
        return options(options);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        List<Integer> image = requireImages(in);
        if (same && (strideHeight > 1 || strideWidth > 1)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected stride 1 with padding 'same', got "
                    + strideHeight + " and " + strideWidth + "; give the padding in rows and columns");
        }
        int height = outputs("rows", image.get(1), kernelHeight, strideHeight, dilationHeight, paddingHeight);
        int width = outputs("columns", image.get(2), kernelWidth, strideWidth, dilationWidth, paddingWidth);
        declare(parameters, image.get(0), kernelHeight, kernelWidth);
        return in.sequence() ? Form.sequences(filters(), height, width) : Form.rows(filters(), height, width);
    }

    private int outputs(String what, int size, int kernel, int stride, int dilation, int padding) {
        int span = span(kernel, dilation);
        int places =
                (same ? Math.addExact(size, span - 1) : Math.addExact(size, Math.multiplyExact(2, padding))) - span;
        if (places < 0) {
            throw new IllegalArgumentException("layer '" + name() + "': expected images of at least " + span + " "
                    + what + " with the padding, got " + size);
        }
        return places / stride + 1;
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        ConvolutionSpec spec = new ConvolutionSpec(
                true,
                kernelHeight,
                kernelWidth,
                strideHeight,
                strideWidth,
                dilationHeight,
                dilationWidth,
                same ? (span(kernelHeight, dilationHeight) - 1) / 2 : paddingHeight,
                same ? (span(kernelWidth, dilationWidth) - 1) / 2 : paddingWidth,
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
