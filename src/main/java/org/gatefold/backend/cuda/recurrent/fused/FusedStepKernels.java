package org.gatefold.backend.cuda.recurrent.fused;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.op.recurrent.Cell;

/**
 * Steps of one kernel each. In the backward pass a step's kernel begins with the product of the gate gradients of the step
 * before it in that order; what is left after the last step, the product of its own, is a kernel more.
 */
public class FusedStepKernels extends StepKernels {
    /** Gate gradients of two steps take turns: step j of a chunk reads the buffer of parity j + 1 and writes the other. */
    static final int BUFFERS = 2;

    public static final int THREADS = 256;

    final FusedSize size;

    public FusedStepKernels(Setting setting, FusedSize size) {
        super(setting);
        this.size = size;
    }

    /** The name of the cell among the kernels'. */
    private String cell() {
        return switch (spec.cell()) {
            case LSTM -> "lstm";
            case GRU -> "gru";
            case RNN_TANH, RNN_RELU -> "rnn";
        };
    }

    /** The kernel of this cell and product. */
    protected final String kernel(String suffix) {
        return size.product().kernel(cell() + suffix);
    }

    /** Adds what only kernels of this cell take, last. */
    protected final KernelArguments function(KernelArguments arguments) {
        return switch (spec.cell()) {
            case LSTM, GRU -> arguments;
            case RNN_TANH, RNN_RELU -> arguments.i32(spec.cell() == Cell.RNN_RELU ? 1 : 0);
        };
    }

    protected final long gateGradients(int parity) {
        return lane.gateGradients() + parity * size.gateGradientBytes(batch);
    }

    protected final long forwardWeights() {
        return weights.wh();
    }

    protected final long backwardWeights() {
        return weights.wh() + size.forwardWeightBytes();
    }

    @Override
    protected void begin(CUstream stream, long state, boolean training) {
        boolean vector = hidden % 4 == 0 && state % 16 == 0;
        kernels.launchLoop(
                stream,
                size.product().kernel("start_fused"),
                (long) batch * ((hidden + 3) / 4),
                KernelArguments.of()
                        .address(state)
                        .address(lane.hidden(0))
                        .i32(batch)
                        .i32(hidden)
                        .i32(vector ? 1 : 0));
    }

    @Override
    protected void forward(CUstream stream, int j) {
        kernels.launch(
                stream,
                kernel("_step"),
                FusedSize.blocks(hidden, size.forwardUnits()),
                FusedSize.blocks(batch, size.forwardRows()),
                THREADS,
                1,
                function(step(j).address(forwardWeights())
                        .address(lane.hidden(j % 2))
                        .address(lane.hidden((j + 1) % 2))));
    }

    /** Nothing has been handled before: the last step's first product is of zeros. */
    @Override
    protected void beginBackward(CUstream stream, int steps) {
        lane.clear(stream, gateGradients(steps % 2), size.gateGradientBytes(batch));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        KernelArguments arguments = step(j).address(backwardWeights())
                .address(gateGradients((j + 1) % 2))
                .address(gateGradients(j % 2));
        launchBackward(stream, kernel("_step_backward"), function(stateGradients(arguments)));
    }

    /** Adds what a step hands to the step before it beside its gate gradients. */
    protected final KernelArguments stateGradients(KernelArguments arguments) {
        arguments.address(lane.stateGradient(0));
        return spec.cell() == Cell.LSTM ? arguments.address(lane.stateGradient(1)) : arguments;
    }

    @Override
    protected void endBackward(CUstream stream) {
        launchBackward(
                stream,
                size.product().kernel("state_gradient"),
                KernelArguments.of()
                        .i32(spec.cell().gates())
                        .i32(batch)
                        .i32(hidden)
                        .address(backwardWeights())
                        .address(gateGradients(0))
                        .address(lane.stateGradient(0)));
    }

    private void launchBackward(CUstream stream, String kernel, KernelArguments arguments) {
        kernels.launch(
                stream,
                kernel,
                FusedSize.blocks(hidden, FusedSize.BACKWARD_UNITS),
                FusedSize.blocks(batch, FusedSize.BACKWARD_ROWS),
                THREADS,
                1,
                arguments);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        if (spec.cell() == Cell.GRU) {
            accumulateCandidateApart(stream, gathered, into);
        } else {
            accumulateAll(stream, gathered, into);
        }
    }
}
