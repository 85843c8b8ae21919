package org.gatefold.backend.cuda;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.EnumMap;
import java.util.List;
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
 * kernel for the gates, in chunks that are recorded into CUDA graphs. Takes every cell and option in binary32 and TF32, and
 * with operands of products in half precision. Thread-safe.
 */
final class StepsRecurrent extends CudaOperation implements RecurrentOp, AutoCloseable {
    private final Map<Precision, Gemm[]> gemms = new EnumMap<>(Precision.class);
    private final Leases<StepsLane.Size, StepsLanes> lanes;
    private final Leases<HalfWeights.Key, HalfWeights> halfWeights;

    StepsRecurrent(CudaContext context, Kernels kernels) {
        super(context, kernels);
        lanes = new Leases<>(size -> new StepsLanes(context, kernels, size), StepsLanes::close);
        halfWeights = new Leases<>(key -> new HalfWeights(context, kernels, key), HalfWeights::close);
    }

    /** What a layer and direction does in a step. */
    StepsCell cell(StepsCell.Setting setting) {
        return switch (setting.spec().cell()) {
            case LSTM -> new LstmSteps(setting);
            case GRU -> new GruSteps(setting);
            case RNN_TANH, RNN_RELU -> new RnnSteps(setting);
        };
    }

    /** A share in the lanes of all plans that differ from {@code spec} in nothing that matters to them. */
    Leases<StepsLane.Size, StepsLanes>.Lease lanes(RecurrentSpec spec) {
        return lanes.lease(
                new StepsLane.Size(spec.cell(), spec.batch(), spec.hiddenSize(), spec.precision(), spec.directions()));
    }

    /** A share in the half-precision copies of weights. */
    Leases<HalfWeights.Key, HalfWeights>.Lease halfWeights(RecurrentSpec spec, List<StepsCell.Weights> canonical) {
        return halfWeights.lease(new HalfWeights.Key(Operand.of(spec.precision()), spec, canonical));
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
        int needed =
                switch (spec.precision()) {
                    case F32, TF32 -> 0;
                    case F16 -> 75;
                    case BF16 -> 80;
                };
        int capability = context().capability();
        if (capability < needed) {
            return Optional.of("%s needs compute capability %s, the device has %s"
                    .formatted(spec.precision(), needed / 10.0, capability / 10.0));
        }
        return Optional.empty();
    }

    /** Without the lanes and half-precision weights, which plans share. */
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
