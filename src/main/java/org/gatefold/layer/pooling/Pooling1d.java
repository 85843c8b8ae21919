package org.gatefold.layer.pooling;

import java.util.LinkedHashMap;
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
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;

/**
 * Windows over the steps of sequences, {@code [T, B, features]} to {@code [T', B, features]}. Steps behind the length of a row count
 * as padding, so that a row's outputs do not depend on the rows beside it; its length becomes that of its own outputs.
 *
 * @param <L> the layer that options give back
 */
abstract class Pooling1d<L extends Pooling1d<L>> extends WindowPooling {
    private enum Padding {
        VALID,
        SAME,
        CAUSAL,
        EXPLICIT
    }

    private final int kernel;
    private int stride;
    private Padding padding = Padding.VALID;
    private int before;
    private int after;
    private boolean countPadding = true;

    Pooling1d(Kind kind, int kernel) {
        super(kind);
        this.kernel = Arguments.requireAtLeast("kernel", 1, kernel);
        this.stride = kernel;
    }

    abstract L self();

    /** Reads the options that both kinds have. */
    final L configured(Options options) {
        stride(options.integer("stride"));
        return switch (options.constant("padding", Padding.class)) {
            case VALID -> self();
            case SAME -> same();
            case CAUSAL -> causal();
            case EXPLICIT -> padding(options.integer("before"), options.integer("after"));
        };
    }

    final void setCountPadding(boolean count) {
        requireNotBuilt();
        countPadding = count;
    }

    /** Steps from one window to the next; by default as many as the window has. */
    public final L stride(int steps) {
        requireNotBuilt();
        stride = Arguments.requireAtLeast("stride", 1, steps);
        return self();
    }

    /** Pads so that there are as many outputs as steps, half of it before them; needs stride 1. */
    public final L same() {
        return pad(Padding.SAME, 0, 0);
    }

    /** Pads before the steps alone, so that with stride 1 no output knows a later step. */
    public final L causal() {
        return pad(Padding.CAUSAL, 0, 0);
    }

    /** Pads by so many steps, fewer than a window has; none by default. */
    public final L padding(int stepsBefore, int stepsAfter) {
        return pad(Padding.EXPLICIT, side("before", stepsBefore), side("after", stepsAfter));
    }

    private int side(String argument, int steps) {
        if (steps < 0 || steps >= kernel) {
            throw new IllegalArgumentException(
                    argument + ": expected 0 to " + (kernel - 1) + " steps, fewer than a window has, got " + steps);
        }
        return steps;
    }

    private L pad(Padding way, int stepsBefore, int stepsAfter) {
        requireNotBuilt();
        padding = way;
        before = stepsBefore;
        after = stepsAfter;
        return self();
    }

    @Override
    public final L named(String newName) {
        super.named(newName);
        return self();
    }

    @Override
    protected final Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("kernel", kernel);
        options.put("stride", stride);
        options.put("padding", Options.text(padding));
        options.put("before", before);
        options.put("after", after);
        return options(options, countPadding);
    }

    @Override
    protected final Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        if (padding == Padding.SAME && stride > 1) {
            throw new IllegalArgumentException("layer '" + name() + "': expected stride 1 with padding 'same', got "
                    + stride + "; give the padding in steps");
        }
        return in;
    }

    private int paddedBefore() {
        return switch (padding) {
            case VALID, EXPLICIT -> before;
            case SAME -> (kernel - 1) / 2;
            case CAUSAL -> kernel - 1;
        };
    }

    /** Outputs of so many steps; 0 if there are too few. */
    private int outputs(int steps) {
        int around =
                switch (padding) {
                    case VALID, EXPLICIT -> Math.addExact(before, after);
                    case SAME, CAUSAL -> kernel - 1;
                };
        int places = Math.addExact(steps, around) - kernel;
        return steps == 0 || places < 0 ? 0 : places / stride + 1;
    }

    @Override
    protected void stream(StreamStates states) {
        throw states.refusal(this, "reduces windows of steps, which may end in another chunk");
    }

    @Override
    protected final Variable apply(Context context, Variable x) {
        int steps = x.shape().dim(0);
        int made = outputs(steps);
        if (made < 1) {
            throw new IllegalArgumentException(
                    name() + ": x: expected at least " + kernel + " steps with the padding, got " + steps);
        }
        Shape shape = Shape.of(made, x.shape().dim(1), x.shape().dim(2));
        PoolingSpec spec = PoolingSpec.steps(kind(), kernel, stride, paddedBefore(), countPadding);
        return pool(context, spec, x, lengths(context, x.lengths(), made), shape);
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
    protected final void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(Math.max(1, outputs(steps)), batch));
        if (!keepsLengths(steps)) {
            memory.tensor(batch);
        }
    }
}
