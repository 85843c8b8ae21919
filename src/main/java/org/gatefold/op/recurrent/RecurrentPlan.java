package org.gatefold.op.recurrent;

import org.gatefold.device.Scope;
import org.gatefold.op.Arguments;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Plan;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A recurrent operation of fixed size, ready to run: workspace and packed weights, and the front door that checks every
 * argument.
 *
 * <p>Owns its memory through a scope of its own. One thread at a time uses a plan; threads that share weights each have
 * their own plan. Layouts: sequences are time-major {@code [T, B, features]}, states
 * {@code [L·D, B, P]} of h and {@code [L·D, B, H]} of c. Rows shorter
 * than T are right-padded: beyond its length a row's outputs are 0, its states do not move, and nothing that stands in
 * its padding has any effect. A row of length 0 passes its initial state through.
 */
public abstract class RecurrentPlan implements Plan {
    /** What {@link #infer} and {@link #forward} were given; {@code reserve} is null in inference. */
    public record ForwardArguments(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            RecurrentState last,
            Reserve reserve,
            long dropoutSeed) {}

    /** What {@link #backward} was given; every gradient may be null. */
    public record BackwardArguments(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            Tensor dy,
            RecurrentState dLast,
            Tensor dx,
            RecurrentState dInitial,
            RecurrentWeights dWeights,
            Reserve reserve) {}

    private final RecurrentOp op;
    private final RecurrentSpec spec;
    private final Mode mode;
    private final Scope scope;
    private final String memory;
    private boolean weighted;
    private RecurrentWeights kept;

    /** For implementations: {@code scope} is the plan's own and is closed with it. */
    protected RecurrentPlan(RecurrentOp op, RecurrentSpec spec, Mode mode, Scope scope) {
        op.unsupported(spec, mode).ifPresent(reason -> {
            throw new IllegalArgumentException(op.name() + " declines " + spec + ": " + reason);
        });
        this.op = op;
        this.spec = spec;
        this.mode = mode;
        this.scope = scope;
        this.memory = scope.memoryName();
    }

    /** The implementation that made this plan. */
    public final RecurrentOp op() {
        return op;
    }

    public final RecurrentSpec spec() {
        return spec;
    }

    public final Mode mode() {
        return mode;
    }

    /** The plan's own scope. */
    protected final Scope scope() {
        return scope;
    }

    /** Room for one training forward pass, in a scope of the caller's, usually that of the step. */
    public final Reserve reserve(Scope step) {
        requireTraining();
        return new Reserve(this, step.bytes("reserve", op.footprint(spec, mode).reserve()));
    }

    /**
     * Takes the weights, repacking them if the implementation has a layout of its own. Call it once before the first pass
     * and again whenever the weights have changed.
     *
     * @param weights read; needed no longer, except by implementations that run on the canonical layout
     */
    public final void setWeights(RecurrentWeights weights) {
        Call call = Call.begin();
        try {
            requireOpen();
            weights.check("weights", spec, memory);
            computeSetWeights(weights);
            weighted = true;
            kept = keepsWeights() ? weights : null;
        } finally {
            call.end();
        }
    }

    /**
     * Forward pass for inference: no dropout, nothing kept.
     *
     * @param x {@code [T, B, I]}, read
     * @param lengths valid steps of each row; null means T for all
     * @param initial states before the first step, read; null means zeros
     * @param y {@code [T, B, D·P]}, written
     * @param last states after each row's last valid step, written; null if not wanted
     */
    public final void infer(Tensor x, Lengths lengths, RecurrentState initial, Tensor y, RecurrentState last) {
        Call call = Call.begin(x);
        try {
            checkForward(x, lengths, initial, y, last);
            computeForward(new ForwardArguments(x, lengths, initial, y, last, null, 0));
        } finally {
            call.end();
        }
    }

    /**
     * Forward pass for training. Without masks its outputs equal those of {@link #infer} bit for bit; with recompute segments
     * on a GPU to the precision of the products, whose order of sums depends on their size there.
     *
     * @param x {@code [T, B, I]}, read; must stay unchanged until backward
     * @param lengths valid steps of each row; null means T for all
     * @param initial states before the first step, read; null means zeros
     * @param y {@code [T, B, D·P]}, written; must stay unchanged until backward
     * @param last states after each row's last valid step, written; null if not wanted
     * @param reserve made by {@link #reserve}, written
     * @param dropoutSeed seed of the masks between layers and in cells: the same seed gives the same masks everywhere
     */
    public final void forward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            RecurrentState last,
            Reserve reserve,
            long dropoutSeed) {
        Call call = Call.begin(x);
        try {
            requireTraining();
            checkForward(x, lengths, initial, y, last);
            requireReserve(reserve);
            reserve.requirePlan(this);
            computeForward(new ForwardArguments(x, lengths, initial, y, last, reserve, dropoutSeed));
            reserve.filledBy(this, dropoutSeed);
        } finally {
            call.end();
        }
    }

    /**
     * Backward pass of the last {@link #forward} on {@code reserve}, with the same {@code x}, {@code lengths},
     * {@code initial} and {@code y} and unchanged weights.
     *
     * @param dy gradient of y, {@code [T, B, D·P]}, read, ignored in padding; null means zeros
     * @param dLast gradient of the last states, read; null means zeros
     * @param dx gradient of x, {@code [T, B, I]}, written, 0 in padding; null if not wanted
     * @param dInitial gradient of the initial states, written; null if not wanted
     * @param dWeights gradients of the weights, accumulated; null if not wanted
     * @param reserve read and used up
     */
    public final void backward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            Tensor dy,
            RecurrentState dLast,
            Tensor dx,
            RecurrentState dInitial,
            RecurrentWeights dWeights,
            Reserve reserve) {
        Call call = Call.begin(x);
        try {
            requireTraining();
            checkForward(x, lengths, initial, y, null);
            Arguments.optionalF32("dy", dy, spec.steps(), spec.batch(), spec.outputSize());
            Arguments.optionalF32("dx", dx, spec.steps(), spec.batch(), spec.inputSize());
            Arguments.requireSameMemory(memory, dy, dx);
            if (dLast != null) {
                dLast.check("dLast", spec, memory);
            }
            if (dInitial != null) {
                dInitial.check("dInitial", spec, memory);
                Arguments.requireDisjoint("dInitial.h", dInitial.h(), x, y, dy, dx, dInitial.c());
                Arguments.requireDisjoint("dInitial.c", dInitial.c(), x, y, dy, dx);
                requireDisjointStates(dInitial, initial);
                requireDisjointStates(dInitial, dLast);
            }
            if (dWeights != null) {
                dWeights.check("dWeights", spec, memory);
                dWeights.requireDisjoint(x, y, dy, dx);
            }
            Arguments.requireDisjoint("dx", dx, x, y, dy);
            requireReserve(reserve);
            reserve.requireFilled(this);
            computeBackward(new BackwardArguments(x, lengths, initial, y, dy, dLast, dx, dInitial, dWeights, reserve));
            reserve.usedUp();
        } finally {
            call.end();
        }
    }

    /** Whether passes read the weights where they were when they were set, and not from a copy. */
    protected boolean keepsWeights() {
        return false;
    }

    /** Called with checked arguments. */
    protected abstract void computeSetWeights(RecurrentWeights weights);

    /** Called with checked arguments. */
    protected abstract void computeForward(ForwardArguments pass);

    /** Called with checked arguments. */
    protected abstract void computeBackward(BackwardArguments pass);

    private void checkForward(Tensor x, Lengths lengths, RecurrentState initial, Tensor y, RecurrentState last) {
        requireReady();
        Arguments.requireF32("x", x, spec.steps(), spec.batch(), spec.inputSize());
        Arguments.requireF32("y", y, spec.steps(), spec.batch(), spec.outputSize());
        Arguments.requireSameMemory(memory, x, y);
        Arguments.optionalLengths(lengths, spec.steps(), spec.batch(), memory);
        Arguments.requireDisjoint("y", y, x);
        if (initial != null) {
            initial.check("initial", spec, memory);
            Arguments.requireDisjoint("y", y, initial.h(), initial.c());
        }
        if (last != null) {
            last.check("last", spec, memory);
            Tensor h0 = initial == null ? null : initial.h();
            Tensor c0 = initial == null ? null : initial.c();
            Arguments.requireDisjoint("last.h", last.h(), x, y, last.c(), h0, c0);
            Arguments.requireDisjoint("last.c", last.c(), x, y, h0, c0);
        }
    }

    private void requireReady() {
        requireOpen();
        if (!weighted) {
            throw new IllegalStateException("plan: call setWeights before the first pass");
        }
        if (kept != null) {
            kept.requireAlive();
        }
    }

    private static void requireDisjointStates(RecurrentState written, RecurrentState read) {
        if (read != null) {
            Arguments.requireDisjoint("dInitial.h", written.h(), read.h(), read.c());
            Arguments.requireDisjoint("dInitial.c", written.c(), read.h(), read.c());
        }
    }

    private void requireReserve(Reserve reserve) {
        if (reserve == null) {
            throw new IllegalArgumentException("reserve: expected one made by this plan, got null");
        }
    }

    private void requireTraining() {
        requireOpen();
        if (mode != Mode.TRAINING) {
            throw new IllegalStateException("plan: made for " + mode + ", expected " + Mode.TRAINING);
        }
    }

    private void requireOpen() {
        if (scope.isClosed()) {
            throw new IllegalStateException("plan: is closed");
        }
    }

    /** Frees the plan's memory. */
    @Override
    public void close() {
        scope.close();
    }
}
