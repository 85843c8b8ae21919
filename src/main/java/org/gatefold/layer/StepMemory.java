package org.gatefold.layer;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.gatefold.device.Device;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.plan.Family;
import org.gatefold.op.plan.Plan;
import org.gatefold.op.plan.PlannedOp;

/**
 * Adds up what a training step of a model will take from memory before anything is allocated: layers report the tensors
 * of their forward and backward passes to it. One thread at a time.
 */
public final class StepMemory {
    private static final long ALIGNMENT = 256;

    private final Device device;
    private long step;
    private long plans;
    private boolean withLengths = true;
    private final Set<String> implementations = new LinkedHashSet<>();

    public StepMemory(Device device) {
        this.device = device;
    }

    /** A float or integer tensor in the arena of the step. */
    public void tensor(long elements) {
        bytes(elements * Float.BYTES);
    }

    /** A value and its gradient. */
    public void differentiable(long elements) {
        tensor(elements);
        tensor(elements);
    }

    /** The lengths of the rows, where what a layer reads has any. */
    public void lengths(int batch) {
        if (withLengths) {
            tensor(batch);
        }
    }

    /** Whether what a layer reads has lengths. */
    public boolean hasLengths() {
        return withLengths;
    }

    /** Says whether what is read from here on has lengths; at first it has. */
    public void withLengths(boolean has) {
        withLengths = has;
    }

    /** A plan and the reserve of one pass. */
    public <O extends PlannedOp<S, P>, S, P extends Plan> void plan(Family<O, S, P> family, S spec) {
        O chosen = Choice.choose(device, family, spec, Mode.TRAINING);
        implementations.add(chosen.name());
        Footprint footprint = chosen.footprint(spec, Mode.TRAINING);
        plans += footprint.plan();
        bytes(Math.max(Float.BYTES, footprint.reserve()));
    }

    /**
     * What is done several times in a step, with memory of its own each time but with the same plans.
     *
     * @param once reports one time
     */
    public void repeated(int times, Runnable once) {
        long before = step;
        once.run();
        step = Math.addExact(step, Math.multiplyExact(step - before, times - 1L));
    }

    private void bytes(long count) {
        step += (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Bytes of the arena of the step: activations, their gradients and what the backward pass needs. */
    public long step() {
        return step;
    }

    /** Bytes of plans: packed weights and workspace. */
    public long plans() {
        return plans;
    }

    /** The implementations chosen for plans, by name, each once. */
    public List<String> implementations() {
        return List.copyOf(implementations);
    }
}
