package org.gatefold.backend.cuda.recurrent;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.operation.CudaOperation;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Recurrent layers step by step: one input product over all steps by cuBLAS, then the steps as their variant computes
 * them, in chunks that are recorded into CUDA graphs. Thread-safe.
 */
public final class StepsRecurrent extends CudaOperation implements RecurrentOp, AutoCloseable {
    private final StepsVariant variant;
    private final Map<Precision, Gemm[]> gemms = new EnumMap<>(Precision.class);
    private final Leases<StepsLane.Size, StepsLanes> lanes;
    private final Leases<PreparedWeights.Key, PreparedWeights> preparedWeights;

    public StepsRecurrent(CudaContext context, Kernels kernels, StepsVariant variant) {
        super(context, kernels);
        this.variant = variant;
        lanes = new Leases<>(size -> new StepsLanes(context, kernels, size, variant), StepsLanes::close);
        preparedWeights =
                new Leases<>(key -> new PreparedWeights(context, kernels, variant, key), PreparedWeights::close);
    }

    /** What a layer and direction does in a step. */
    StepKernels cell(StepKernels.Setting setting) {
        return variant.cell(setting);
    }

    /** A share in the lanes of all plans that differ from {@code spec} in nothing that matters to them. */
    Leases<StepsLane.Size, StepsLanes>.Lease lanes(RecurrentSpec spec) {
        return lanes.lease(StepsLane.Size.of(spec));
    }

    /** A share in weights as the steps read them. */
    Leases<PreparedWeights.Key, PreparedWeights>.Lease preparedWeights(
            RecurrentSpec spec, List<StepKernels.Weights> canonical) {
        return preparedWeights.lease(new PreparedWeights.Key(spec, canonical));
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
        return variant.name();
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
        return variant.unsupported(spec, context().capability());
    }

    /** The reason to decline what needs a newer device, such as a precision; capabilities times ten. */
    public static Optional<String> needs(Object what, int needed, int capability) {
        return capability >= needed
                ? Optional.empty()
                : Optional.of("%s needs compute capability %s, the device has %s"
                        .formatted(what, needed / 10.0, capability / 10.0));
    }

    /** Without the lanes and prepared weights, which plans share. */
    @Override
    public Footprint footprint(RecurrentSpec spec, Mode mode) {
        StepsLayout layout = new StepsLayout(spec, mode);
        return new Footprint(layout.workspaceBytes(), layout.reserveBytes());
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        return scope.child(name(), own -> new StepsPlan(this, spec, mode, own));
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
