package org.gatefold.backend.cuda;

import java.nio.ByteBuffer;
import jcuda.driver.CUstream;
import org.gatefold.op.Cell;
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

    StepsCell(
            Kernels kernels,
            Gemm gemm,
            RecurrentSpec spec,
            Weights weights,
            int layer,
            int direction,
            float dropProbability,
            long seed) {
        this.kernels = kernels;
        this.gemm = gemm;
        this.spec = spec;
        this.hidden = spec.hiddenSize();
        this.batch = spec.batch();
        this.weights = weights;
        this.column = direction * hidden;
        this.dropout = KernelArguments.room(24)
                .putLong(0, seed)
                .putFloat(8, dropProbability)
                .putFloat(12, 1f / (1f - dropProbability))
                .putInt(16, layer);
    }

    static StepsCell of(
            Kernels kernels,
            Gemm gemm,
            RecurrentSpec spec,
            Weights weights,
            int layer,
            int direction,
            float dropProbability,
            long seed) {
        if (spec.cell() == Cell.LSTM) {
            return new LstmSteps(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
        }
        if (spec.cell() == Cell.GRU) {
            return new GruSteps(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
        }
        return new RnnSteps(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
    }

    /** Recurrent product and gates of one step. */
    abstract void forward(Pass pass, Step step);

    /** Gradients of the gates of one step, and what goes back to the step before, in {@code dh} and {@code dc}. */
    abstract void backward(Pass pass, Step step, long dh, long dc);

    /** Adds the gradients of Wh and b over {@code steps} steps whose gate gradients start at {@code gates}. */
    abstract void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into);

    final KernelArguments shape(KernelArguments arguments, int step) {
        return arguments.ints(batch, hidden, step, spec.outputSize(), column).struct(dropout);
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

    private static final class LstmSteps extends StepsCell {
        LstmSteps(
                Kernels kernels,
                Gemm gemm,
                RecurrentSpec spec,
                Weights weights,
                int layer,
                int direction,
                float dropProbability,
                long seed) {
            super(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
        }

        @Override
        void forward(Pass pass, Step step) {
            int columns = gateColumns();
            gemm.timesTransposed(
                    pass.stream(),
                    new Gemm.Matrix(step.hBefore(), hidden),
                    new Gemm.Matrix(weights.wh(), hidden),
                    new Gemm.Matrix(step.gates(), columns),
                    batch,
                    columns,
                    hidden,
                    true);
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(weights.b())
                    .address(step.extraBefore())
                    .address(step.extraAfter())
                    .address(step.hBefore())
                    .address(step.hAfter())
                    .address(step.output())
                    .address(pass.lengths());
            shape(arguments, step.step()).f32(spec.cellClip()).i32(pass.keep() ? 1 : 0);
            launch(pass.stream(), "lstm_gates_forward_f32", arguments);
        }

        @Override
        void backward(Pass pass, Step step, long dh, long dc) {
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(step.extraBefore())
                    .address(step.extraAfter())
                    .address(step.output())
                    .address(dh)
                    .address(dc)
                    .address(pass.lengths());
            shape(arguments, step.step()).f32(spec.cellClip());
            launch(pass.stream(), "lstm_gates_backward_f32", arguments);
            addProduct(pass.stream(), new Gemm.Matrix(step.gates(), gateColumns()), weights.wh(), dh, gateColumns());
        }

        @Override
        void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
            accumulateAll(stream, gates, hBefore, steps, into);
        }
    }

    private static final class RnnSteps extends StepsCell {
        RnnSteps(
                Kernels kernels,
                Gemm gemm,
                RecurrentSpec spec,
                Weights weights,
                int layer,
                int direction,
                float dropProbability,
                long seed) {
            super(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
        }

        private int relu() {
            return spec.cell() == Cell.RNN_RELU ? 1 : 0;
        }

        @Override
        void forward(Pass pass, Step step) {
            gemm.timesTransposed(
                    pass.stream(),
                    new Gemm.Matrix(step.hBefore(), hidden),
                    new Gemm.Matrix(weights.wh(), hidden),
                    new Gemm.Matrix(step.gates(), hidden),
                    batch,
                    hidden,
                    hidden,
                    true);
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(weights.b())
                    .address(step.hBefore())
                    .address(step.hAfter())
                    .address(step.output())
                    .address(pass.lengths());
            shape(arguments, step.step()).i32(relu()).i32(pass.keep() ? 1 : 0);
            launch(pass.stream(), "rnn_gates_forward_f32", arguments);
        }

        @Override
        void backward(Pass pass, Step step, long dh, long dc) {
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(step.output())
                    .address(dh)
                    .address(pass.lengths());
            shape(arguments, step.step()).i32(relu());
            launch(pass.stream(), "rnn_gates_backward_f32", arguments);
            addProduct(pass.stream(), new Gemm.Matrix(step.gates(), hidden), weights.wh(), dh, hidden);
        }

        @Override
        void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
            accumulateAll(stream, gates, hBefore, steps, into);
        }
    }

    private static final class GruSteps extends StepsCell {
        GruSteps(
                Kernels kernels,
                Gemm gemm,
                RecurrentSpec spec,
                Weights weights,
                int layer,
                int direction,
                float dropProbability,
                long seed) {
            super(kernels, gemm, spec, weights, layer, direction, dropProbability, seed);
        }

        /** First row of the candidate's block in Wh. */
        private long candidate(long wh) {
            return wh + 2L * hidden * hidden * Float.BYTES;
        }

        @Override
        void forward(Pass pass, Step step) {
            int columns = gateColumns();
            gemm.timesTransposed(
                    pass.stream(),
                    new Gemm.Matrix(step.hBefore(), hidden),
                    new Gemm.Matrix(weights.wh(), hidden),
                    new Gemm.Matrix(step.product(), columns),
                    batch,
                    columns,
                    hidden,
                    false);
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(step.product())
                    .address(weights.b())
                    .address(step.extraBefore())
                    .address(step.hBefore())
                    .address(step.hAfter())
                    .address(step.output())
                    .address(pass.lengths());
            shape(arguments, step.step()).i32(pass.keep() ? 1 : 0);
            launch(pass.stream(), "gru_gates_forward_f32", arguments);
        }

        @Override
        void backward(Pass pass, Step step, long dh, long dc) {
            KernelArguments arguments = KernelArguments.of()
                    .address(step.gates())
                    .address(step.extraBefore())
                    .address(step.hBefore())
                    .address(step.output())
                    .address(dh)
                    .address(pass.lengths());
            shape(arguments, step.step());
            launch(pass.stream(), "gru_gates_backward_f32", arguments);
            addProduct(pass.stream(), new Gemm.Matrix(step.gates(), gateColumns()), weights.wh(), dh, 2 * hidden);
            addProduct(pass.stream(), new Gemm.Matrix(step.extraBefore(), hidden), candidate(weights.wh()), dh, hidden);
        }

        @Override
        void accumulate(CUstream stream, long gates, long extra, long hBefore, int steps, Weights into) {
            int rows = steps * batch;
            Gemm.Matrix before = new Gemm.Matrix(hBefore, hidden);
            gemm.transposedTimes(
                    stream,
                    new Gemm.Matrix(gates, gateColumns()),
                    before,
                    new Gemm.Matrix(into.wh(), hidden),
                    2 * hidden,
                    hidden,
                    rows,
                    true);
            gemm.transposedTimes(
                    stream,
                    new Gemm.Matrix(extra, hidden),
                    before,
                    new Gemm.Matrix(candidate(into.wh()), hidden),
                    hidden,
                    hidden,
                    rows,
                    true);
            CudaLinear.columnSums(kernels, stream, gates, into.b(), rows, gateColumns(), gateColumns());
            CudaLinear.columnSums(
                    kernels, stream, extra, into.b() + (long) gateColumns() * Float.BYTES, rows, hidden, hidden);
        }
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
