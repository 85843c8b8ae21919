package org.gatefold.layer;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.HashMap;
import java.util.Map;
import org.gatefold.autograd.Tape;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Philox;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * What forward passes run in: a device, an arena for the tensors of one step, the plans made so far, and, for training,
 * a tape and the seeds of dropout.
 *
 * <p>Owns its memory through a scope of its own, closed with it; it must be closed before its device, and used by one
 * thread at a time. Every thread that trains or predicts has its own context. {@link #begin} starts each step and makes
 * all tensors of the step before invalid.
 */
public final class Context implements AutoCloseable {
    private static final int MOST_PLANS = 64;
    private static final long MOST_PLAN_BYTES = 256L << 20;

    private final Device device;
    private final Scope lasting;
    private final Scope scope;
    private final Plans plans;
    private final Tape tape;
    private final long seed;
    private final ElementwiseOp elementwise;
    private final LinearOp linear;
    private final SequenceOp sequences;
    private final SoftmaxOp softmax;
    private final Map<Recurrent, CarriedState> carried = new HashMap<>();
    private boolean training;
    private long step;
    private int draws;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private Context(Device device, Tape tape, long seed) {
        this.device = device;
        this.tape = tape;
        this.training = tape != null;
        this.seed = seed;
        this.elementwise = device.operation(ElementwiseOp.class);
        this.linear = device.operation(LinearOp.class);
        this.sequences = device.operation(SequenceOp.class);
        this.softmax = device.operation(SoftmaxOp.class);
        this.lasting = device.openScope(tape == null ? "inference" : "training");
        this.scope = lasting.child("step");
        this.plans = lasting.own(new Plans(lasting.child("plans"), MOST_PLANS, MOST_PLAN_BYTES));
    }

    /**
     * A context for training: with a tape, and with dropout.
     *
     * @param seed of the dropout masks: the same seed and step number give the same masks on every device
     */
    @MustBeClosed
    public static Context training(Device device, long seed) {
        return new Context(device, new Tape(), seed);
    }

    /** A context for inference: no tape, no dropout, nothing kept for a backward pass. */
    @MustBeClosed
    public static Context inference(Device device) {
        return new Context(device, null, 0);
    }

    /**
     * Starts a step: all tensors made in the step before become invalid, the tape is empty.
     *
     * @param number of the step, from which dropout masks are derived
     */
    public void begin(long number) {
        if (tape != null) {
            tape.clear();
        }
        scope.reset();
        plans.trim();
        step = number;
        draws = 0;
    }

    public Device device() {
        return device;
    }

    /** The arena of the current step. */
    public Scope scope() {
        return scope;
    }

    /** The tape; null in inference. */
    public Tape tape() {
        return tape;
    }

    /** True if dropout is active. */
    public boolean isTraining() {
        return training;
    }

    /** Switches dropout in a training context; without it, gradients of the model as it predicts can be taken. */
    public void setDropout(boolean active) {
        if (active && tape == null) {
            throw new IllegalStateException("context: made for inference, which has no dropout");
        }
        training = active;
    }

    public long seed() {
        return seed;
    }

    /** Number of the current step, as given to {@link #begin}. */
    public long step() {
        return step;
    }

    /** Forgets the states that stateful layers carry from step to step. */
    public void clearCarriedStates() {
        carried.values().forEach(CarriedState::clear);
    }

    public ElementwiseOp elementwise() {
        return elementwise;
    }

    public LinearOp linear() {
        return linear;
    }

    public SequenceOp sequences() {
        return sequences;
    }

    public SoftmaxOp softmax() {
        return softmax;
    }

    /**
     * The seed of the next dropout mask: derived from the context's seed, the step number and how many masks were drawn
     * in this step before.
     */
    public long nextDropoutSeed() {
        return Philox.derive(seed, step, draws++);
    }

    /**
     * A variable for the output of an operation, with undefined contents, in the arena of the step.
     *
     * @param differentiable whether gradients shall flow back through it; without a tape they never do
     * @param lengths valid steps of each row of a sequence, or null
     */
    public Variable output(String name, boolean differentiable, Lengths lengths, Shape shape) {
        Tensor value = scope.f32(name, shape);
        return differentiable && tape != null ? Variable.of(value, lengths, scope) : Variable.constant(value, lengths);
    }

    RecurrentPlan plan(Recurrent layer, RecurrentSpec spec) {
        return plans.plan(layer, spec, tape == null ? Mode.INFERENCE : Mode.TRAINING);
    }

    /** The carried states of a layer, made anew if the number of rows has changed. */
    CarriedState carried(Recurrent layer, RecurrentSpec spec) {
        CarriedState state = carried.get(layer);
        if (state == null || state.batch() != spec.batch()) {
            if (state != null) {
                state.close();
            }
            state = new CarriedState(lasting, spec);
            carried.put(layer, state);
        }
        return state;
    }

    /** Frees plans, carried states and the arena. */
    @Override
    public void close() {
        lasting.close();
    }
}
