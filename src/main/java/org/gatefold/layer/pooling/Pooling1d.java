package org.gatefold.layer.pooling;

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
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * Windows over the steps of sequences, {@code [T, B, features]} to {@code [T', B, features]}. Steps behind the length of a row count
 * as padding, so that a row's outputs do not depend on the rows beside it; its length becomes that of its own outputs.
 *
 * @param <L> the layer that options give back
 */
abstract class Pooling1d<L extends Pooling1d<L>> extends WindowPooling<L> {
    private StepWindows windows;

    Pooling1d(Kind kind, int kernel) {
        super(kind);
        this.windows = StepWindows.of(kernel, kernel);
    }

    /** Reads the options that both kinds have. */
    final L configured(Options options) {
        windows = StepWindows.described(options, 1);
        return windows.padding() == Padding.EXPLICIT ? padding(windows.before(), windows.after()) : self();
    }

    /** Steps from one window to the next; by default as many as the window has. */
    public final L stride(int steps) {
        return windows(windows.withStride(steps));
    }

    /** Pads so that there are as many outputs as steps, half of it before them; needs stride 1. */
    public final L same() {
        return windows(windows.with(Padding.SAME));
    }

    /** Pads before the steps alone, so that with stride 1 no output knows a later step. */
    public final L causal() {
        return windows(windows.with(Padding.CAUSAL));
    }

    /** Pads by so many steps, fewer than a window has; none by default. */
    public final L padding(int stepsBefore, int stepsAfter) {
        return windows(windows.withPadding(side("before", stepsBefore), side("after", stepsAfter)));
    }

    private int side(String argument, int steps) {
        if (steps < 0 || steps >= windows.kernel()) {
            throw new IllegalArgumentException(argument + ": expected 0 to " + (windows.kernel() - 1)
                    + " steps, fewer than a window has, got " + steps);
        }
        return steps;
    }

    private L windows(StepWindows changed) {
        windows = option("windows", changed);
        return self();
    }

    @Override
    protected final Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        windows.put(options, false);
        return options(options);
    }

    @Override
    protected final Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        windows.requireStrideFits(this);
        return in;
    }

    @Override
    public final int outputSteps(int steps) {
        return windows.planned(steps);
    }

    /** Windows side by side stand for themselves, where a chunk has whole ones. */
    @Override
    protected void stream(StreamStates states) {
        if (!windows.standSideBySide()) {
            throw states.refusal(
                    this,
                    "reduces windows that may reach into another chunk; those side by side, without padding, do not");
        }
        states.requireAllSteps(this);
    }

    @Override
    protected final Variable apply(Context context, Variable x) {
        if (context.attached(StreamStates.class) != null) {
            windows.requireWholeStrides(this, x.shape().dim(0));
        }
        int made = windows.require(this, x.shape().dim(0));
        Shape shape = Shape.of(made, x.shape().dim(1), x.shape().dim(2));
        PoolingSpec spec =
                PoolingSpec.steps(kind(), windows.kernel(), windows.stride(), windows.paddedBefore(), countsPadding());
        return pool(context, spec, x, windows.lengths(context.scope(), x.lengths(), made), shape);
    }

    @Override
    protected final void account(StepMemory memory, int steps, int batch) {
        memory.differentiable(output().elements(outputSteps(steps), batch));
        windows.account(memory, steps, batch);
    }
}
