package org.gatefold.layer.recurrent;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.layer.Plans;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * A running stream: each step takes one input per row and moves the states, which stay on the device.
 *
 * <p>Owns a plan for one step, its input and output and two sets of states, which take turns, so that a step allocates
 * nothing. Takes up changed weights by itself. One thread at a time; streams of one cell may run in many threads.
 */
public final class CellStream implements AutoCloseable {
    private final Recurrent core;
    private final Scope scope;
    private final Plans plans;
    private final RecurrentSpec spec;
    private final Tensor x;
    private final Tensor y;
    private final Tensor row;
    private RecurrentState now;
    private RecurrentState next;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    CellStream(Device device, Recurrent core, String name, int batch) {
        this.core = core;
        this.spec = core.spec(1, batch, false);
        this.scope = device.openScope("stream of " + name);
        this.plans = scope.own(new Plans(scope.child("plans"), 1, Long.MAX_VALUE));
        this.x = scope.f32("x", 1, batch, spec.inputSize());
        this.y = scope.f32("y", 1, batch, spec.outputSize());
        this.row = y.reshape(batch, spec.outputSize());
        this.now = states();
        this.next = states();
    }

    private RecurrentState states() {
        return new RecurrentState(
                scope.zeros("h", spec.weightSets(), spec.batch(), spec.projectionSize()),
                spec.cell().hasCellState()
                        ? scope.zeros("c", spec.weightSets(), spec.batch(), spec.hiddenSize())
                        : null);
    }

    /**
     * One step from and to arrays.
     *
     * @param input {@code B·I} numbers, row by row
     * @param output {@code B·P} numbers, written
     */
    public void step(float[] input, float[] output) {
        if (output.length != y.elements()) {
            throw new IllegalArgumentException(
                    "output: expected room for " + y.elements() + " numbers, got " + output.length);
        }
        Call call = Call.begin();
        try {
            x.write(input);
            advance(x);
            y.read(0, output, 0, output.length);
        } finally {
            call.end();
        }
    }

    /**
     * One step on the device.
     *
     * @param input {@code [B, I]}, read
     * @return {@code [B, P]}, valid until the next step
     */
    public Tensor step(Tensor input) {
        Form.rows(spec.inputSize()).require("input", input);
        Call call = Call.begin();
        try {
            row.requireAlive();
            advance(input.reshape(1, spec.batch(), spec.inputSize()));
            return row;
        } finally {
            call.end();
        }
    }

    private void advance(Tensor input) {
        RecurrentPlan plan = plans.plan(
                core,
                RecurrentOp.FAMILY,
                spec,
                Mode.INFERENCE,
                core.weightsVersion(),
                made -> made.setWeights(core.weights(scope.device())));
        plan.infer(input, null, now, y, next);
        RecurrentState before = now;
        now = next;
        next = before;
    }

    /** The states after the last step, valid until the next; they may be read and written. */
    public RecurrentState state() {
        return now;
    }

    /** Sets the states to zeros. */
    public void reset() {
        now.h().fill(0f);
        if (now.c() != null) {
            now.c().fill(0f);
        }
    }

    /** Frees plan and states. */
    @Override
    public void close() {
        scope.close();
    }
}
