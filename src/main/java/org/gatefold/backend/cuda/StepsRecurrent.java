package org.gatefold.backend.cuda;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.RecurrentOp;
import org.gatefold.op.RecurrentPlan;
import org.gatefold.op.RecurrentSpec;

/**
 * {@code cuda.steps}: one input product over all steps by cuBLAS, then for every step a recurrent product and one fused
 * kernel for the gates, recorded into a CUDA graph. Takes every cell and option in binary32. Thread-safe.
 */
final class StepsRecurrent extends CudaOperation implements RecurrentOp {
    private final Gemm[] gemms;

    /** Takes one {@link Gemm} for each direction, since the two run side by side. */
    StepsRecurrent(CudaContext context, Kernels kernels, Gemm forward, Gemm reverse) {
        super(context, kernels);
        this.gemms = new Gemm[] {forward, reverse};
    }

    /** The products of a direction. */
    Gemm gemm(int direction) {
        return gemms[direction];
    }

    @Override
    public String name() {
        return "cuda.steps";
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        return spec.precision() == Precision.F32
                ? Optional.empty()
                : Optional.of("computes in F32 only, not " + spec.precision());
    }

    @Override
    public Footprint footprint(RecurrentSpec spec, Mode mode) {
        StepsLayout layout = new StepsLayout(spec, mode);
        return new Footprint(layout.workspaceBytes(), layout.reserveBytes());
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        Scope own = scope.child(name());
        try {
            return new StepsPlan(this, spec, mode, own);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }
}
