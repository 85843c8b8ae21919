package org.gatefold.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.RecurrentPlan;
import org.gatefold.op.RecurrentSpec;
import org.gatefold.op.RecurrentState;
import org.gatefold.op.RecurrentWeights;
import org.gatefold.op.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A plan of {@code cuda.steps}. Runs on the canonical weights where they lie, so that an update needs no repacking. Every
 * pass is recorded into a graph once its addresses have come twice. One thread at a time.
 */
final class StepsPlan extends RecurrentPlan {
    private final StepsRecurrent op;
    private final Workspace own;
    private Workspace inference;
    private boolean seedWritten;
    private long seedOnDevice;
    private final Tensor seed;
    private final GraphCache graphs;
    private final Branch branch;
    private List<StepsCell.Weights> weights;

    StepsPlan(StepsRecurrent op, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.op = op;
        this.own = workspace(mode);
        this.seed = scope.i32("dropout seed", 2);
        this.graphs = scope.own(new GraphCache(op.context()));
        this.branch = spec.directions() == 2 && !own.layout().recomputes() ? scope.own(new Branch(op.context())) : null;
    }

    @Override
    protected void computeSetWeights(RecurrentWeights canonical) {
        weights = addresses(canonical);
    }

    private static List<StepsCell.Weights> addresses(RecurrentWeights all) {
        return all == null
                ? List.of()
                : all.sets().stream()
                        .map(set -> new StepsCell.Weights(
                                set.wx().address(), set.wh().address(), set.b().address()))
                        .toList();
    }

    @Override
    protected void computeForward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            RecurrentState last,
            Reserve reserve,
            long dropoutSeed) {
        if (reserve != null) {
            useSeed(dropoutSeed);
        }
        StepsForward pass = new StepsForward(common(x, lengths, y, reserve), initial, last);
        graphs.run(key(weights, x, lengths, y, reserve, initial, last), pass::submit);
    }

    /** Puts the seed of the masks onto the device, unless it stands there. */
    private void useSeed(long wanted) {
        boolean drops = spec().dropout() > 0f && spec().layers() > 1;
        if (drops && !(seedWritten && seedOnDevice == wanted)) {
            seed.write((int) wanted, (int) (wanted >>> 32));
            seedOnDevice = wanted;
            seedWritten = true;
        }
    }

    @Override
    protected void computeBackward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            Tensor dy,
            RecurrentState dLast,
            Tensor dx,
            RecurrentState dInitial,
            RecurrentWeights dWeights,
            Reserve reserve) {
        // Other forward passes may have come since.
        useSeed(reserve.seed());
        List<StepsCell.Weights> gradients = addresses(dWeights);
        StepsBackward pass = new StepsBackward(common(x, lengths, y, reserve), dy, dLast, dx, dInitial, gradients);
        List<Long> key = key(weights, x, lengths, y, reserve, initial, dLast);
        // Distinguishes the key from a forward pass's, which is shorter.
        key.addAll(key(gradients, dy, null, dx, null, dInitial, null));
        graphs.run(key, pass::submit);
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
                branch,
                workspace.memory().address(),
                seed.address(),
                StepsPass.address(x),
                lengths == null ? 0 : lengths.onDevice().address(),
                StepsPass.address(y),
                reserve == null ? 0 : reserve.memory().address());
    }

    private static List<Long> key(
            List<StepsCell.Weights> sets,
            Tensor first,
            Lengths lengths,
            Tensor second,
            Reserve reserve,
            RecurrentState one,
            RecurrentState other) {
        List<Long> key = new ArrayList<>(8 + 3 * sets.size());
        key.add(StepsPass.address(first));
        key.add(lengths == null ? 0 : lengths.onDevice().address());
        key.add(StepsPass.address(second));
        key.add(reserve == null ? 0 : reserve.memory().address());
        for (RecurrentState state : new RecurrentState[] {one, other}) {
            key.add(state == null ? 0 : state.h().address());
            key.add(state == null ? 0 : StepsPass.address(state.c()));
        }
        for (StepsCell.Weights set : sets) {
            key.add(set.wx());
            key.add(set.wh());
            key.add(set.b());
        }
        return key;
    }
}
