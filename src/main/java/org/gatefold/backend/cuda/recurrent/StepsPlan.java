package org.gatefold.backend.cuda.recurrent;

import java.util.List;
import java.util.function.Consumer;
import jcuda.driver.CUstream;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A plan that runs step by step. The lanes, in which the steps run, and the weights as the steps read them are shared with
 * the plans that differ in the number of steps only. One thread at a time.
 */
final class StepsPlan extends RecurrentPlan {
    private final StepsRecurrent op;
    private final Workspace own;
    private Workspace inference;
    private boolean seedWritten;
    private long seedOnDevice;
    private final Tensor seed;
    private final StepsLanes lanes;
    private final SharedWeights shared;
    private List<StepKernels.Weights> weights;

    StepsPlan(StepsRecurrent op, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.op = op;
        this.own = workspace(mode);
        this.seed = scope.i32("dropout seed", 2);
        this.lanes = scope.own(op.lanes(spec)).value();
        this.shared = scope.own(new SharedWeights());
    }

    @Override
    protected void computeSetWeights(RecurrentWeights canonical) {
        weights = shared.prepared(addresses(canonical));
    }

    @Override
    protected boolean keepsWeights() {
        return true;
    }

    /** This plan's share in its weights as its steps read them. */
    private final class SharedWeights implements AutoCloseable {
        private Leases<PreparedWeights.Key, PreparedWeights>.Lease lease;

        List<StepKernels.Weights> prepared(List<StepKernels.Weights> canonical) {
            Leases<PreparedWeights.Key, PreparedWeights>.Lease before = lease;
            lease = op.preparedWeights(spec(), canonical);
            if (before != null) {
                before.close();
            }
            lease.value().refresh(op.stream());
            return lease.value().addresses();
        }

        @Override
        public void close() {
            if (lease != null) {
                lease.close();
            }
        }
    }

    private static List<StepKernels.Weights> addresses(RecurrentWeights all) {
        return all == null
                ? List.of()
                : all.sets().stream()
                        .map(set -> new StepKernels.Weights(
                                StepsPass.address(set.wx()),
                                set.wh().address(),
                                set.b().address(),
                                StepsPass.address(set.p()),
                                StepsPass.address(set.wr()),
                                StepsPass.address(set.norm())))
                        .toList();
    }

    @Override
    protected void computeForward(ForwardArguments given) {
        if (given.reserve() != null) {
            useSeed(given.dropoutSeed());
        }
        StepsPass common = common(given.x(), given.lengths(), given.y(), given.reserve());
        submit(new StepsForward(common, given)::submit);
    }

    /** Puts the seed of the masks onto the device, unless it stands there. */
    private void useSeed(long wanted) {
        if (spec().draws() && !(seedWritten && seedOnDevice == wanted)) {
            seed.write((int) wanted, (int) (wanted >>> 32));
            seedOnDevice = wanted;
            seedWritten = true;
        }
    }

    @Override
    protected void computeBackward(BackwardArguments given) {
        // Other forward passes may have come since.
        useSeed(given.reserve().seed());
        StepsPass common = common(given.x(), given.lengths(), given.y(), given.reserve());
        submit(new StepsBackward(common, given, addresses(given.dWeights()))::submit);
    }

    private void submit(Consumer<CUstream> pass) {
        // Passes of all plans take turns: they share lanes, and cuBLAS handles whose workspace only one stream may use
        // at
        // a time.
        synchronized (op) {
            op.context().enter();
            pass.accept(op.stream());
        }
    }

    /** Scratch memory and where everything lies in it. */
    private record Workspace(Mode mode, StepsLayout layout, Tensor memory) {}

    private Workspace workspace(Mode mode) {
        StepsLayout layout = new StepsLayout(spec(), mode);
        return new Workspace(mode, layout, scope().bytes("workspace", layout.workspaceBytes()));
    }

    /** The plan's own workspace; a training plan that is asked for inference gets a second one. */
    private Workspace workspaceFor(Reserve reserve) {
        if (reserve != null || mode() == Mode.INFERENCE) {
            return own;
        }
        if (inference == null) {
            inference = workspace(Mode.INFERENCE);
        }
        return inference;
    }

    private StepsPass common(Tensor x, Lengths lengths, Tensor y, Reserve reserve) {
        Workspace workspace = workspaceFor(reserve);
        return new StepsPass(
                op,
                spec(),
                workspace.mode(),
                workspace.layout(),
                weights,
                lanes,
                workspace.memory().address(),
                seed.address(),
                StepsPass.address(x),
                lengths == null ? 0 : lengths.onDevice().address(),
                StepsPass.address(y),
                reserve == null ? 0 : reserve.memory().address());
    }
}
