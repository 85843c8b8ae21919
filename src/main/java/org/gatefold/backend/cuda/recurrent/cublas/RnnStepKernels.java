package org.gatefold.backend.cuda.recurrent.cublas;

import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.op.recurrent.Cell;

/** Steps of a plain RNN. */
final class RnnStepKernels extends StepKernels {
    RnnStepKernels(Setting setting) {
        super(setting);
    }

    /** Adds which function a plain cell has; options say it themselves. */
    private KernelArguments function(KernelArguments arguments) {
        return plain() ? arguments.i32(spec.cell() == Cell.RNN_RELU ? 1 : 0) : arguments;
    }

    @Override
    protected void forward(CUstream stream, int j) {
        multiply(stream, j);
        launch(
                stream,
                "rnn_gates_forward_f32",
                "rnn_option_gates_forward_f32",
                function(forwardStep(j, lane.hidden((j + 1) % 2))));
    }

    @Override
    protected void backward(CUstream stream, int j) {
        launch(stream, "rnn_gates_backward_f32", "rnn_option_gates_backward_f32", function(backwardStep(j)));
        multiplyBack(stream, j);
    }

    @Override
    protected void accumulate(CUstream stream, Gathered gathered, Weights into) {
        accumulateAll(stream, gathered, into);
    }
}
