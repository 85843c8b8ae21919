package org.gatefold.layer;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.gatefold.autograd.Tape;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Philox;
import org.gatefold.op.plan.Family;
import org.gatefold.op.plan.Plan;
import org.gatefold.op.plan.PlannedOp;
import org.gatefold.tensor.Call;
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
    private final Map<Class<?>, Operation> operations = new HashMap<>();
    private final IdentityHashMap<Object, Carried> carried = new IdentityHashMap<>();
    private final Map<Class<?>, Object> attached = new HashMap<>();
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
     * @throws IllegalStateException if the context is closed
     */
    public void begin(long number) {
        requireOpen();
        if (tape != null) {
            tape.clear();
        }
        scope.reset();
        plans.trim();
        step = number;
        draws = 0;
    }

    private void requireOpen() {
        if (lasting.isClosed()) {
            throw new IllegalStateException("context: is closed");
        }
    }

    /**
     * Begins a call that uses this context and another scope, to be ended by the same thread.
     *
     * @throws IllegalStateException if the context is closed
     */
    public Call call(Scope other) {
        // Before the call, which would be let in by what it has just said that it uses.
        requireOpen();
        return Call.begin(lasting.lifetime(), other.lifetime());
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
        carried.values().forEach(Carried::clear);
    }

    /**
     * The device's preferred implementation of a contract without plans.
     *
     * @throws IllegalStateException if the device has none
     */
    public <O extends Operation> O op(Class<O> contract) {
        Operation found = operations.get(contract);
        if (found == null) {
            found = device.operation(contract);
            operations.put(contract, found);
        }
        return contract.cast(found);
    }

    /**
     * A plan of an operation without weights, kept for further steps of the same spec.
     *
     * @param layer whose plan it is, by identity
     */
    public <O extends PlannedOp<S, P>, S, P extends Plan> P plan(Object layer, Family<O, S, P> family, S spec) {
        return plan(layer, family, spec, 0, plan -> {});
    }

    /**
     * A plan that holds the layer's current weights, kept for further steps of the same spec. It is chosen for training
     * where there is a tape, else for inference.
     *
     * @param layer whose plan it is, by identity
     * @param version of the weights, such as {@link ParameterStore#version()}
     * @param weights gives a plan its weights; called for a new plan and when the version has changed
     */
    public <O extends PlannedOp<S, P>, S, P extends Plan> P plan(
            Object layer, Family<O, S, P> family, S spec, long version, Consumer<? super P> weights) {
        return plans.plan(layer, family, spec, tape == null ? Mode.INFERENCE : Mode.TRAINING, version, weights);
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

    /**
     * What a layer carries from step to step, made anew where it does not fit any more.
     *
     * @param layer whose it is, by identity
     * @param type of what it carries
     * @param fits whether what was made before can be taken up
     * @param make makes it in a scope that outlives steps
     */
    public <C extends Carried> C carried(Object layer, Class<C> type, Predicate<C> fits, Function<Scope, C> make) {
        Carried before = carried.get(layer);
        if (before != null && fits.test(type.cast(before))) {
            return type.cast(before);
        }
        if (before != null) {
            before.close();
        }
        C made = make.apply(lasting);
        carried.put(layer, made);
        return made;
    }

    /**
     * Puts something within reach of layers that look for it, till it is taken away.
     *
     * @param type by which layers look
     * @param value null takes it away
     */
    public <V> void attach(Class<V> type, V value) {
        if (value == null) {
            attached.remove(type);
        } else {
            attached.put(type, value);
        }
    }

    /** What was attached; null if nothing was. */
    public <V> V attached(Class<V> type) {
        return type.cast(attached.get(type));
    }

    /** Frees plans, carried states and the arena. */
    @Override
    public void close() {
        lasting.close();
    }
}
