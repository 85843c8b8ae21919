package org.gatefold.backend.cuda.cudnn;

import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;

/**
 * A stack of layers ready to run: its descriptors, which a scope owns, and its weights in cuDNN's space. Works on float
 * sequences in the order of time, whatever cuDNN gets to see. One thread at a time.
 */
final class CudnnNetwork {
    private static final int X = 0;
    private static final int Y = 1;
    private static final int DY = 2;
    private static final int DX = 3;

    private final CudnnCalls calls;
    private final CudaContext context;
    private final CudnnLayout layout;
    private final CudnnStack stack;
    private final CudnnDropout dropout;
    private final CudnnRnn rnn;
    private final CudnnSequence input;
    private final CudnnSequence output;
    private final CudnnTensor hidden;
    private final CudnnTensor cells;
    private final CudnnWeights weights;

    /**
     * @param dropout cuDNN's own between the layers; null if there is none
     * @param scope owns descriptors and weights
     */
    CudnnNetwork(CudnnRecurrent op, CudnnLayout layout, CudnnStack stack, CudnnDropout dropout, Scope scope) {
        this.calls = op.calls();
        this.context = op.context();
        this.layout = layout;
        this.stack = stack;
        this.dropout = dropout;
        RecurrentSpec spec = stack.spec();
        CudnnType type = CudnnType.of(spec.precision()).orElseThrow();
        this.rnn = scope.own(new CudnnRnn(calls.handle(), op.algorithm(), type, spec, dropout));
        this.input = scope.own(new CudnnSequence(type, spec.steps(), spec.batch(), spec.inputSize()));
        this.output = scope.own(new CudnnSequence(type, spec.steps(), spec.batch(), spec.outputSize()));
        this.hidden = scope.own(new CudnnTensor()).set(type, spec.weightSets(), spec.batch(), spec.projectionSize());
        this.cells = scope.own(new CudnnTensor()).set(type, spec.weightSets(), spec.batch(), spec.hiddenSize());
        this.weights = new CudnnWeights(calls, context, op.kernels(), type, stack, rnn, scope);
    }

    CudnnStack stack() {
        return stack;
    }

    /** Takes the parameters of a plan, of which these layers' are read. */
    void setWeights(RecurrentWeights all) {
        weights.pack(all);
    }

    /** Seeds cuDNN's own dropout if there is one that has no seed yet. */
    void seed(Scope scope, long seed) {
        if (dropout != null && dropout.seed(scope, seed)) {
            rnn.set();
        }
    }

    /**
     * Memory that a pass works in.
     *
     * @param workspace address of the plan's
     * @param reserve address of cuDNN's; 0 in inference
     * @param first address of the first step that is kept of the output; 0 in inference
     */
    record Memory(long workspace, long reserve, long first) {}

    private CudnnCalls.Pass pass(CudnnOperands operands, Memory memory) {
        input.setLengths(operands.lengths());
        output.setLengths(operands.lengths());
        return new CudnnCalls.Pass(
                rnn,
                input,
                output,
                hidden,
                cells,
                weights.space(),
                new CudnnCalls.Room(memory.workspace(), stack.work()),
                new CudnnCalls.Room(memory.reserve(), memory.reserve() == 0 ? 0 : stack.reserve()));
    }

    private CudnnCalls.States read(CudnnOperands operands, long workspace, CudnnCalls.States given, int room) {
        RecurrentSpec spec = stack.spec();
        int sets = spec.weightSets();
        return new CudnnCalls.States(
                operands.stateInput(given.h(), workspace + layout.state(room), sets, spec.projectionSize()),
                operands.stateInput(given.c(), workspace + layout.state(room + 1), sets, spec.hiddenSize()));
    }

    private CudnnCalls.States write(CudnnOperands operands, long workspace, CudnnCalls.States wanted, int room) {
        return new CudnnCalls.States(
                operands.stateOutput(wanted.h(), workspace + layout.state(room)),
                operands.stateOutput(wanted.c(), workspace + layout.state(room + 1)));
    }

    private void finish(
            CudnnOperands operands, CudnnCalls.States written, CudnnCalls.States wanted, CudnnCalls.States passed) {
        RecurrentSpec spec = stack.spec();
        int sets = spec.weightSets();
        operands.finishState(written.h(), wanted.h(), passed.h(), sets, spec.projectionSize());
        operands.finishState(written.c(), wanted.c(), passed.c(), sets, spec.hiddenSize());
    }

    /**
     * Runs the layers forward.
     *
     * @param x {@code [T, B, in]}, read
     * @param y {@code [T, B, D·P]}, written
     * @param initial read; 0 means zeros
     * @param last written; 0 if not wanted
     */
    void forward(
            CudnnOperands operands, Memory memory, long x, long y, CudnnCalls.States initial, CudnnCalls.States last) {
        RecurrentSpec spec = stack.spec();
        CudnnCalls.Pass pass = pass(operands, memory);
        long workspace = memory.workspace();
        long from = operands.input(x, workspace + layout.sequence(X), spec.inputSize());
        long to = operands.output(y, workspace + layout.sequence(Y));
        CudnnCalls.States before = read(operands, workspace, initial, 0);
        CudnnCalls.States after = write(operands, workspace, last, 2);
        calls.forward(pass, memory.reserve() == 0 ? Mode.INFERENCE : Mode.TRAINING, from, to, before, after);
        if (memory.reserve() != 0) {
            operands.keepFirst(to, memory.first(), spec.outputSize());
        }
        operands.finish(to, y, spec.outputSize());
        finish(operands, after, last, initial);
    }

    /**
     * Gradients of everything.
     *
     * @param sequences of the forward pass, and their gradients
     * @param initial of the forward pass, read; 0 means zeros
     * @param dLast read; 0 means zeros
     * @param dInitial written; 0 if not wanted
     * @param packed room for the gradients of the weights of a stack
     * @param gradients of the plan's weights, added to; null if not wanted
     */
    void backward(
            CudnnOperands operands,
            Memory memory,
            Sequences sequences,
            CudnnCalls.States initial,
            CudnnCalls.States dLast,
            CudnnCalls.States dInitial,
            long packed,
            RecurrentWeights gradients) {
        RecurrentSpec spec = stack.spec();
        CudnnCalls.Pass pass = pass(operands, memory);
        long workspace = memory.workspace();
        long x = operands.input(sequences.x(), workspace + layout.sequence(X), spec.inputSize());
        long y = operands.ownOutput(sequences.y(), workspace + layout.sequence(Y), memory.first(), spec.outputSize());
        long dy = operands.input(sequences.dy(), workspace + layout.sequence(DY), spec.outputSize());
        long dx = operands.output(sequences.dx(), workspace + layout.sequence(DX));
        CudnnCalls.States before = read(operands, workspace, initial, 0);
        CudnnCalls.States fromAfter = read(operands, workspace, dLast, 2);
        CudnnCalls.States toBefore = write(operands, workspace, dInitial, 4);
        calls.backwardData(pass, y, dy, dx, before, fromAfter, toBefore);
        if (gradients != null) {
            CudnnCalls.Room space = new CudnnCalls.Room(packed, stack.weightBytes());
            calls.clear(context.stream(), space);
            calls.backwardWeights(pass, x, y, before.h(), space);
            weights.addGradients(space, gradients);
        }
        operands.finish(dx, sequences.dx(), spec.inputSize());
        finish(operands, toBefore, dInitial, dLast);
    }

    /**
     * Sequences of a backward pass.
     *
     * @param x {@code [T, B, in]}, read
     * @param y {@code [T, B, D·P]}, read; zeros in its padding
     * @param dy {@code [T, B, D·P]}, read; 0 means zeros
     * @param dx {@code [T, B, in]}, written; 0 if not wanted
     */
    record Sequences(long x, long y, long dy, long dx) {}
}
