package org.gatefold.layer.convolution;

import java.util.LinkedHashMap;
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
import org.gatefold.tensor.Lengths;
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
    private enum Padding {
        VALID,
        SAME,
        CAUSAL,
        EXPLICIT
    }

    private final int kernel;
    private int stride = 1;
    private int dilation = 1;
    private Padding padding = Padding.VALID;
    private int before;
    private int after;

    private Conv1d(int filters, int kernel) {
        super(filters);
        this.kernel = Arguments.requireAtLeast("kernel", 1, kernel);
    }

    /** A convolution by so many filters over so many steps. */
    public static Conv1d of(int filters, int kernel) {
        return new Conv1d(filters, kernel);
    }

    static Conv1d described(Options options) {
        Conv1d made = of(options.integer("filters"), options.integer("kernel"))
                .stride(options.integer("stride"))
                .dilation(options.integer("dilation"))
                .configured(options);
        return switch (options.constant("padding", Padding.class)) {
            case VALID -> made;
            case SAME -> made.same();
            case CAUSAL -> made.causal();
            case EXPLICIT -> made.padding(options.integer("before"), options.integer("after"));
        };
    }

    @Override
    Conv1d self() {
        return this;
    }

    /** Steps from one output to the next; 1 by default. */
    public Conv1d stride(int steps) {
        requireNotBuilt();
        stride = Arguments.requireAtLeast("stride", 1, steps);
        return this;
    }

    /** Steps from one element of the kernel to the next; 1 by default. */
    public Conv1d dilation(int steps) {
        requireNotBuilt();
        dilation = Arguments.requireAtLeast("dilation", 1, steps);
        return this;
    }

    /** Pads so that there are as many outputs as steps, half of it before them; needs stride 1, as in PyTorch. */
    public Conv1d same() {
        return pad(Padding.SAME, 0, 0);
    }

    /** Pads before the steps alone, so that no output knows a later step. */
    public Conv1d causal() {
        return pad(Padding.CAUSAL, 0, 0);
    }

    /** Pads by so many steps; none by default. */
    public Conv1d padding(int stepsBefore, int stepsAfter) {
        return pad(
                Padding.EXPLICIT,
                Arguments.requireAtLeast("before", 0, stepsBefore),
                Arguments.requireAtLeast("after", 0, stepsAfter));
    }

    private Conv1d pad(Padding kind, int stepsBefore, int stepsAfter) {
        requireNotBuilt();
        padding = kind;
        before = stepsBefore;
        after = stepsAfter;
        return this;
    }

    @Override
    public String type() {
        return "Conv1d";
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("kernel", kernel);
        options.put("stride", stride);
        options.put("dilation", dilation);
        options.put("padding", Options.text(padding));
        options.put("before", before);
        options.put("after", after);
        return options(options);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        if (padding == Padding.SAME && stride > 1) {
            throw new IllegalArgumentException("layer '" + name() + "': expected stride 1 with padding 'same', got "
                    + stride + "; give the padding in steps");
        }
        declare(parameters, in.features(), kernel);
        return in.withFeatures(filters());
    }

    private int paddedBefore() {
        return switch (padding) {
            case VALID, EXPLICIT -> before;
            case SAME -> (span(kernel, dilation) - 1) / 2;
            case CAUSAL -> span(kernel, dilation) - 1;
        };
    }

    /** Outputs of so many steps; 0 if there are too few. */
    private int outputs(int steps) {
        int around =
                switch (padding) {
                    case VALID, EXPLICIT -> Math.addExact(before, after);
                    case SAME, CAUSAL -> span(kernel, dilation) - 1;
                };
        int places = Math.addExact(steps, around) - span(kernel, dilation);
        return steps == 0 || places < 0 ? 0 : places / stride + 1;
    }

    /** What the steps before have to do with an output: those that the kernel covers, the last one left out. */
    @Override
    protected void stream(StreamStates states) {
        int history = span(kernel, dilation) - 1;
        if (stride > 1) {
            throw states.refusal(this, "gives no output for some steps, its stride being " + stride);
        }
        if (outputs(history + 1) != history + 1 || paddedBefore() != history) {
            throw states.refusal(
                    this,
                    "gives outputs that are not those of the steps read so far, with padding "
                            + Options.text(padding)
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
        if (stream != null && span(kernel, dilation) > 1) {
            return streamed(context, x, stream);
        }
        int steps = x.shape().dim(0);
        int made = outputs(steps);
        if (made < 1) {
            throw new IllegalArgumentException(name() + ": x: expected at least " + span(kernel, dilation)
                    + " steps with the padding, got " + steps);
        }
        Shape shape = Shape.of(made, x.shape().dim(1), filters());
        ConvolutionSpec spec = ConvolutionSpec.steps(kernel, stride, dilation, paddedBefore(), groups());
        return convolve(context, spec, x, lengths(context, x.lengths(), made), shape);
    }

    /** Of the steps read before, in place of padding, and x. */
    private Variable streamed(Context context, Variable x, StreamStates stream) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int history = span(kernel, dilation) - 1;
        Tensor both = context.scope().f32("x", history + steps, batch, input().features());
        both.rows(0, history).copyFrom(stream.before(this, 0));
        both.rows(history, steps).copyFrom(x.value());
        ConvolutionSpec spec = ConvolutionSpec.steps(kernel, 1, dilation, 0, groups());
        Variable y = convolve(context, spec, Variable.constant(both), null, Shape.of(steps, batch, filters()));
        stream.after(this, 0, both.rows(steps, history));
        return y;
    }

    private boolean keepsLengths(int steps) {
        return stride == 1 && outputs(steps) == steps && padding != Padding.EXPLICIT;
    }

    private Lengths lengths(Context context, Lengths lengths, int made) {
        if (lengths == null || keepsLengths(lengths.steps())) {
            return lengths;
        }
        int[] rows = lengths.toArray();
        for (int row = 0; row < rows.length; row++) {
            rows[row] = outputs(rows[row]);
        }
        return context.scope().lengths(made, rows);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(Math.max(1, outputs(steps)), batch));
        if (!keepsLengths(steps)) {
            memory.tensor(batch);
        }
    }
}
