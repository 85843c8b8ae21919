package org.gatefold.benchmarks.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/** Forward with autograd and backward from a given gradient of the output. */
final class LibTorchTrainingPass extends LibTorchPass {
    private final Tensor dy;
    private final TensorVector trained;

    LibTorchTrainingPass(LibTorchModel model, Workload workload) {
        super(model);
        model.module().train(true);
        model.input().set_requires_grad(true);
        trained = model.trained();
        dy = model.place()
                .tensor(
                        workload.dy(),
                        workload.shape().steps(),
                        workload.shape().batch(),
                        workload.shape().outputSize());
    }

    @Override
    protected void submit() {
        try (PointerScope scope = new PointerScope()) {
            forwardBackward();
        }
    }

    private T_TensorT_TensorTensor_T_T forwardBackward() {
        model.input().mutable_grad().reset();
        LibTorchModel.dropGradients(trained);
        T_TensorT_TensorTensor_T_T output = model.forward();
        output.get0().backward(dy, new BoolOptional(), false, new TensorArrayRefOptional());
        return output;
    }

    @Override
    public Results runChecked() {
        try (PointerScope scope = new PointerScope()) {
            Results results = model.outputs(forwardBackward());
            model.addGradients(results);
            return results;
        }
    }

    @Override
    public void close() {
        trained.close();
        dy.close();
        super.close();
    }
}
