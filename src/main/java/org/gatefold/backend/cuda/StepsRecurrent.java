package org.gatefold.backend.cuda;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.EnumMap;
import java.util.Map;
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
 * kernel for the gates, recorded into a CUDA graph. Takes every cell and option in binary32 or TF32. Thread-safe.
 */
final class StepsRecurrent extends CudaOperation implements RecurrentOp, AutoCloseable {
    private final Map<Precision, Gemm[]> gemms = new EnumMap<>(Precision.class);

    StepsRecurrent(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    /** The products of a precision and direction: each direction has its own, since the two run side by side. */
    Gemm gemm(Precision precision, int direction) {
        synchronized (gemms) {
            return gemms.computeIfAbsent(precision, p -> new Gemm[] {new Gemm(context(), p), new Gemm(context(), p)})[
                    direction];
        }
    }

    @Override
    public String name() {
        return "cuda.steps";
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        return switch (spec.precision()) {
            case F32, TF32 -> Optional.empty();
            case BF16, F16 -> Optional.of("it multiplies in F32 or TF32, not in " + spec.precision());
        };
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

    @Override
    public void close() {
        synchronized (gemms) {
            gemms.values().forEach(pair -> {
                pair[0].close();
                pair[1].close();
            });
            gemms.clear();
        }
    }
}
