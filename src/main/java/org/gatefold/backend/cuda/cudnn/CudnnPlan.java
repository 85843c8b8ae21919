package org.gatefold.backend.cuda.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.backend.cuda.operation.CudaElementwise;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A plan of {@code cuda.cudnn}: its stacks of layers one after the other, with dropout between them. One thread at a time.
 *
 * <p>Where the algorithm wants all rows to be of T steps, a second plan takes the passes with shorter ones; both have the
 * weights, since each has them in an order of its own.
 *
 * <p>Passes are submitted directly and not recorded into graphs: a call runs all steps of all layers, so that there is
 * little left to save, lengths are read from host memory at the call, and NVIDIA does not say of every algorithm that it can
 * be captured.
 */
final class CudnnPlan extends RecurrentPlan {
    private final CudnnRecurrent op;
    private final CudnnLayout layout;
    private final CudnnType type;
    private final List<CudnnNetwork> networks = new ArrayList<>();
    private final Tensor workspace;
    private final Tensor gradients;
    private final CudnnPlan padded;

    CudnnPlan(CudnnRecurrent op, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.op = op;
        this.layout = op.layout(spec, mode);
        this.type = CudnnType.of(spec.precision()).orElseThrow();
        this.workspace = scope.bytes("workspace", layout.workspaceBytes());
        this.gradients = scope.bytes("gradients in cuDNN's order", layout.gradientBytes());
        for (CudnnStack stack : layout.stacks()) {
            CudnnDropout dropout = op.dropsInCudnn(stack.spec(), mode)
                    ? scope.own(new CudnnDropout(op.calls().handle(), spec.dropout()))
                    : null;
            networks.add(new CudnnNetwork(op, layout, stack, dropout, scope));
        }
        this.padded = op.forPaddedBatches()
                .map(other -> new CudnnPlan(other, spec, mode, scope.child("padded batches")))
                .orElse(null);
    }

    /** The plan that runs a batch: this one, unless it has shorter rows and the algorithm does not take them. */
    private CudnnPlan planFor(Lengths lengths) {
        boolean shorter = lengths != null && lengths.total() < (long) spec().steps() * spec().batch();
        return padded != null && shorter ? padded : this;
    }

    @Override
    protected void computeSetWeights(RecurrentWeights weights) {
        networks.forEach(network -> network.setWeights(weights));
        if (padded != null) {
            padded.computeSetWeights(weights);
        }
    }

    private static long address(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    private CudnnOperands operands(Lengths lengths) {
        return new CudnnOperands(op.context(), op.kernels(), type, spec(), lengths);
    }

    /** The part of states that belongs to a network. */
    private static CudnnCalls.States part(RecurrentState all, CudnnNetwork network) {
        if (all == null) {
            return new CudnnCalls.States(0, 0);
        }
        RecurrentSpec spec = network.stack().spec();
        long below = (long) network.stack().firstSet() * spec.batch() * Float.BYTES;
        return new CudnnCalls.States(
                all.h().address() + below * spec.projectionSize(),
                all.c() == null ? 0 : all.c().address() + below * spec.hiddenSize());
    }

    private CudnnNetwork.Memory memory(Reserve reserve, int network) {
        long kept = reserve == null ? 0 : reserve.memory().address();
        return new CudnnNetwork.Memory(
                workspace.address(),
                reserve == null ? 0 : kept + layout.reserve(network),
                reserve == null ? 0 : kept + layout.keptFirst(network));
    }

    private long between(int which) {
        return workspace.address() + layout.between(which);
    }

    @Override
    protected void computeForward(ForwardArguments given) {
        planFor(given.lengths()).run(given);
    }

    private void run(ForwardArguments given) {
        CudnnOperands operands = operands(given.lengths());
        Reserve reserve = given.reserve();
        long dropoutSeed = given.dropoutSeed();
        boolean training = reserve != null;
        long kept = training ? reserve.memory().address() : 0;
        long input = given.x().address();
        int top = networks.size() - 1;
        for (int i = 0; i <= top; i++) {
            CudnnNetwork network = networks.get(i);
            if (training) {
                network.seed(scope(), dropoutSeed);
            }
            long output = given.y().address();
            if (i < top) {
                output = training ? kept + layout.keptOutput(i) : between(i % 2);
            }
            network.forward(
                    operands,
                    memory(reserve, i),
                    input,
                    output,
                    part(given.initial(), network),
                    part(given.last(), network));
            input = training && i < top ? dropped(output, between(0), i, dropoutSeed) : output;
        }
    }

    @Override
    protected void computeBackward(BackwardArguments given) {
        planFor(given.lengths()).run(given);
    }

    private void run(BackwardArguments given) {
        CudnnOperands operands = operands(given.lengths());
        Reserve reserve = given.reserve();
        long kept = reserve.memory().address();
        long output = given.y().address();
        long dOutput = address(given.dy());
        for (int i = networks.size() - 1; i >= 0; i--) {
            CudnnNetwork network = networks.get(i);
            long below = i == 0 ? given.x().address() : kept + layout.keptOutput(i - 1);
            long input = i == 0 ? below : dropped(below, between(0), i - 1, reserve.seed());
            long dInput = i == 0 ? address(given.dx()) : between(1 + i % 2);
            network.backward(
                    operands,
                    memory(reserve, i),
                    new CudnnNetwork.Sequences(input, output, dOutput, dInput),
                    part(given.initial(), network),
                    part(given.dLast(), network),
                    part(given.dInitial(), network),
                    gradients.address(),
                    given.dWeights());
            output = below;
            dOutput = i == 0 ? 0 : dropped(dInput, dInput, i - 1, reserve.seed());
        }
    }

    /** Masks the output of a layer, or its gradient, with our own mask. */
    private long dropped(long from, long to, int layer, long seed) {
        long elements = (long) spec().steps() * spec().batch() * spec().outputSize();
        CudaElementwise.dropout(op.kernels(), op.context().stream(), spec().dropout(), seed, layer, from, to, elements);
        return to;
    }
}
