package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.recurrent.StepKernels;

/**
 * Steps of an LSTM whose units are projected to h: a product and a kernel for the units, then a product and a kernel for the
 * projection; backward the other way round.
 */
final class ProjectedLstmStepKernels extends StepKernels {
    ProjectedLstmStepKernels(Setting setting) {
        super(setting);
    }

    /** Wr, {@code [P, H]}. */
    private Gemm.Matrix projectionWeights() {
        return new Gemm.Matrix(weights.wr(), hidden);
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launch(
                stream,
                "lstm_projected_gates_forward_f32",
                forwardStep(j, lane.given()).struct(options.bytes()));
        gemm.timesTransposed(
                stream,
                new Gemm.Matrix(lane.given(), hidden),
                projectionWeights(),
                new Gemm.Matrix(lane.projection(), features),
                batch,
                features,
                hidden,
                false);
        launch(
                stream,
                "lstm_projection_forward_f32",
                features,
                step(j, features)
                        .address(lane.projection())
                        .address(lane.hidden((j + 1) % 2))
                        .i32(operand.code())
                        .struct(options.bytes()));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launch(
                stream,
                "lstm_projection_backward_f32",
                features,
                step(j, features)
                        .address(lane.stateGradient(0))
                        .address(lane.projectionGradient())
                        .i32(operand.code())
                        .struct(options.bytes()));
        gemm.times(
                stream,
                new Gemm.Matrix(lane.projectionGradient(), features),
                projectionWeights(),
                new Gemm.Matrix(lane.givenGradient(), hidden),
                batch,
                hidden,
                features,
                false);
        launch(
                stream,
                "lstm_projected_gates_backward_f32",
                step(j).address(lane.givenGradient())
                        .address(lane.stateGradient(1))
                        .address(lane.gateGradients())
                        .i32(operand.code())
                        .struct(options.bytes()));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
        accumulatePeepholes(stream, gathered, into);
        gemm.transposedTimes(
                stream,
                new Gemm.Matrix(gathered.projectedOperands(), features),
                new Gemm.Matrix(gathered.givenOperands(), hidden),
                new Gemm.Matrix(into.wr(), hidden),
                features,
                hidden,
                gathered.rows(),
                true);
    }
}
