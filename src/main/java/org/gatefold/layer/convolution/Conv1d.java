package org.gatefold.layer.convolution;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StepWindows;
import org.gatefold.layer.StepWindows.Padding;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.convolution.ConvolutionSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A convolution over the steps of sequences, {@code [T, B, features]} to {@code [T', B, filters]}; PyTorch's Conv1d, Keras'
 * Conv1D. Steps behind the length of a row count as 0, as padding does, so that a row's outputs do not depend on the rows beside
 * it; its length becomes that of its own outputs, and what stands behind it is finite and means nothing.
 *
 * <p>Parameters {@code NAME.w [filters, features/groups, kernel]} and {@code NAME.b [filters]}, at first as in PyTorch.
 */
public final class Conv1d extends Convolution<Conv1d> {
    private StepWindows windows;

    private Conv1d(int filters, int kernel) {
        super(filters);
        this.windows = StepWindows.of(kernel, 1);
    }

    /** A convolution by so many filters over so many steps. */
    public static Conv1d of(int filters, int kernel) {
        return new Conv1d(filters, kernel);
    }

    static Conv1d described(Options options) {
        Conv1d made = of(options.integer("filters"), options.integer("kernel"));
        made.windows = StepWindows.described(options, options.integer("dilation"));
        return made.configured(options);
    }

    @Override
    Conv1d self() {
        return this;
    }

    /** Steps from one output to the next; 1 by default. */
    public Conv1d stride(int steps) {
        return windows(windows.withStride(steps));
    }

    /** Steps from one element of the kernel to the next; 1 by default. */
    public Conv1d dilation(int steps) {
        return windows(windows.withDilation(steps));
    }

    /** Pads so that there are as many outputs as steps, half of it before them; needs stride 1, as in PyTorch. */
    public Conv1d same() {
        return windows(windows.with(Padding.SAME));
    }

    /** Pads before the steps alone, so that no output knows a later step. */
    public Conv1d causal() {
        return windows(windows.with(Padding.CAUSAL));
    }

    /** Pads by so many steps; none by default. */
    public Conv1d padding(int stepsBefore, int stepsAfter) {
        return windows(windows.withPadding(stepsBefore, stepsAfter));
    }

    private Conv1d windows(StepWindows changed) {
        windows = option("windows", changed);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        windows.put(options, true);
        return options(options);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        windows.requireStrideFits(this);
        declare(parameters, in.features(), windows.kernel());
        return in.withFeatures(filters());
    }

    @Override
    public int outputSteps(int steps) {
        return windows.planned(steps);
    }

    /**
     * What the steps before have to do with an output: those that the kernel covers, the last one left out. With a stride a chunk has a
     * multiple of so many steps.
     */
    @Override
    protected void stream(StreamStates states) {
        int history = windows.span() - 1;
        if (!windows.endAtSteps()) {
            throw states.refusal(
                    this,
                    "gives outputs that are not those of the steps read so far, with padding "
                            + Options.text(windows.padding())
                            + "; causal() does");
        }
        states.requireAllSteps(this);
        if (history > 0) {
            states.declare(this, "history", history, input().features(), null);
        }
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        StreamStates stream = context.attached(StreamStates.class);
        if (stream != null) {
            windows.requireWholeStrides(this, x.shape().dim(0));
            if (windows.span() > 1) {
                return streamed(context, x, stream);
            }
        }
        int made = windows.require(this, x.shape().dim(0));
        Shape shape = Shape.of(made, x.shape().dim(1), filters());
        ConvolutionSpec spec = ConvolutionSpec.steps(
                windows.kernel(), windows.stride(), windows.dilation(), windows.paddedBefore(), groups());
        return convolve(context, spec, x, windows.lengths(context.scope(), x.lengths(), made), shape);
    }

    /** Of the steps read before, in place of padding, and x. */
    private Variable streamed(Context context, Variable x, StreamStates stream) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int history = windows.span() - 1;
        Tensor both = context.scope().f32("x", history + steps, batch, input().features());
        both.rows(0, history).copyFrom(stream.before(this, 0));
        both.rows(history, steps).copyFrom(x.value());
        ConvolutionSpec spec =
                ConvolutionSpec.steps(windows.kernel(), windows.stride(), windows.dilation(), 0, groups());
        Variable y = convolve(
                context, spec, Variable.constant(both), null, Shape.of(steps / windows.stride(), batch, filters()));
        stream.after(this, 0, both.rows(steps, history));
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(outputSteps(steps), batch));
        windows.account(memory, steps, batch);
    }
}
