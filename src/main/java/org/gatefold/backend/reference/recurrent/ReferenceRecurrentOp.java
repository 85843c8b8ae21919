package org.gatefold.backend.reference.recurrent;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;

/** Recurrent layers in plain Java: every cell and every option. */
public final class ReferenceRecurrentOp implements RecurrentOp {
    @Override
    public String name() {
        return ReferenceName.NAME;
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        long widest = Math.max(spec.inputSize(), spec.outputSize());
        long sequence = (long) spec.steps() * spec.batch() * Math.max(widest, 4L * spec.hiddenSize());
        long matrix = (long) spec.gateRows() * widest;
        if (sequence > Integer.MAX_VALUE / Float.BYTES || matrix > Integer.MAX_VALUE / Double.BYTES) {
            return Optional.of("a sequence or a weight matrix would exceed the 2 GiB of a Java buffer");
        }
        return Optional.empty();
    }

    @Override
    public Footprint footprint(RecurrentSpec spec, Mode mode) {
        if (mode == Mode.INFERENCE) {
            return new Footprint(ReferenceRecurrentPlan.bytes(spec, mode), 0);
        }
        return new Footprint(
                ReferenceRecurrentPlan.bytes(spec, mode), new ReserveLayout(spec, CellMath.of(spec, 0)).bytes());
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        return scope.child("recurrent plan", own -> new ReferenceRecurrentPlan(this, spec, mode, own));
    }
}
