package org.gatefold.backend.cuda;

import java.nio.ByteBuffer;
import jcuda.driver.CUstream;
import org.gatefold.op.RecurrentSpec;

/**
 * What a cell does in one step beside the recurrent product: which kernel runs on which memory. One instance serves one
 * direction of one layer.
 */
abstract class StepsCell {
    final Kernels kernels;
    final Gemm gemm;
    final RecurrentSpec spec;
    final int hidden;
    final int batch;
    final Weights weights;
    private final int column;
    private final ByteBuffer dropout;

    /**
     * Which layer and direction it is and what it works with.
     *
     * @param dropProbability of this layer's output
     * @param seed address of the seed of the masks
     */
    record Setting(
            Kernels kernels,
            Gemm gemm,
            RecurrentSpec spec,
            Weights weights,
            int layer,
            int direction,
            float dropProbability,
            long seed) {}

    /** Addresses of the weights of one set. */
    record Weights(long wx, long wh, long b) {}

    /**
     * Addresses of one step.
     *
     * @param step t
     * @param gates of this step {@code [B, G·H]}
     * @param product {@code [B, G·H]}, GRU only
     * @param hBefore state before the step
     * @param hAfter state after the step
     * @param extraBefore cell state before the step (LSTM), or the recurrent part of the candidate (GRU)
     * @param extraAfter cell state after the step (LSTM)
     * @param output row of y or dy of this step; 0 if there is none
     */
    record Step(
            int step,
            long gates,
            long product,
            long hBefore,
            long hAfter,
            long extraBefore,
            long extraAfter,
            long output) {}

    /** Everything that the cells of one pass share. */
    record Pass(CUstream stream, long lengths, boolean keep) {}

    StepsCell(Setting setting) {
        this.kernels = setting.kernels();
        this.gemm = setting.gemm();
        this.spec = setting.spec();
        this.hidden = spec.hiddenSize();
        this.batch = spec.batch();
        this.weights = setting.weights();
        this.column = setting.direction() * hidden;
        this.dropout = KernelArguments.room(24)
                .putLong(0, setting.seed())
                .putFloat(8, setting.dropProbability())
                .putFloat(12, 1f / (1f - setting.dropProbability()))
                .putInt(16, setting.layer());
    }

    static StepsCell of(Setting setting) {
        return switch (setting.spec().cell()) {
            case LSTM -> new LstmSteps(setting);
            case GRU -> new GruSteps(setting);
            case RNN_TANH, RNN_RELU -> new RnnSteps(setting);
        };
    }

    /** Recurrent product and gates of one step. */
    abstract void forward(Pass pass, Step step);

    /** Gradients of the gates of one step, and what goes back to the step before, in {@code dh} and {@code dc}. */
    abstract void backward(Pass pass, Step step, long dh, long dc);

    /** Adds the gradients of Wh and b over {@code steps} steps whose gate gradients start at {@code gates}. */
    abstract void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into);

    /** The structures that say which step it is. Only what callers own can be off 16-byte alignment. */
    final KernelArguments shape(KernelArguments arguments, Step step) {
        boolean vector = hidden % 4 == 0 && weights.b() % 16 == 0 && step.output() % 16 == 0;
        return arguments
                .ints(batch, hidden, step.step(), spec.outputSize(), column, vector ? 1 : 0)
                .struct(dropout);
    }

    final void launch(CUstream stream, String kernel, KernelArguments arguments) {
        kernels.launch(stream, kernel, (long) batch * ((hidden + 3) / 4), arguments);
    }

    final int gateColumns() {
        return spec.cell().gates() * hidden;
    }

    /** {@code c [rows, H] += g [rows, columns] w} with {@code w [columns, H]}. */
    final void addProduct(CUstream stream, Gemm.Matrix g, long w, long c, int columns) {
        gemm.times(stream, g, new Gemm.Matrix(w, hidden), new Gemm.Matrix(c, hidden), batch, hidden, columns, true);
    }

    /** Gradients of Wh and b where every gate's recurrent product has the gradient of its input product. */
    final void accumulateAll(CUstream stream, long gates, long hBefore, int steps, Weights into) {
        int columns = gateColumns();
        int rows = steps * batch;
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(gates, columns),
                new Gemm.Matrix(hBefore, hidden),
                new Gemm.Matrix(into.wh(), hidden),
                columns,
                hidden,
                rows,
                true);
        CudaLinear.columnSums(kernels, stream, gates, into.b(), rows, columns, columns);
    }
}
