package org.gatefold.benchmarks.libtorch;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/**
 * The module with the weights of a workload. Its second bias is zero and frozen, so that it trains the one bias which
 * every contestant has. Owns its tensors; for one thread.
 */
final class LibTorchModel implements AutoCloseable {
    private final TorchPlace place;
    private final LayerShape shape;
    private final LSTMImpl module;
    private final StringTensorDict parameters;
    private final Tensor input;
    private final T_TensorTensor_T initialState;

    LibTorchModel(Workload workload, TorchPlace place) {
        this.place = place;
        shape = workload.shape();
        LSTMOptions options = new LSTMOptions(shape.inputSize(), shape.hiddenSize());
        options.num_layers().put(shape.layers());
        options.bidirectional().put(shape.directions() == 2);
        module = new LSTMImpl(options);
        module.to(place.device(), place.type());
        parameters = module.named_parameters();
        try (NoGradGuard guard = new NoGradGuard()) {
            loadWeights(workload);
        }
        input = place.tensor(workload.x(), shape.steps(), shape.batch(), shape.inputSize());
        initialState = shape.carriesState() ? new T_TensorTensor_T(state(workload.h0()), state(workload.c0())) : null;
    }

    private void loadWeights(Workload workload) {
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                parameter("weight_ih", layer, direction)
                        .copy_(Tensor.create(
                                workload.wx(layer, direction), 4L * shape.hiddenSize(), shape.layerInput(layer)));
                parameter("weight_hh", layer, direction)
                        .copy_(Tensor.create(
                                workload.wh(layer, direction), 4L * shape.hiddenSize(), shape.hiddenSize()));
                parameter("bias_ih", layer, direction).copy_(Tensor.create(workload.bias(layer, direction)));
                parameter("bias_hh", layer, direction).zero_();
                parameter("bias_hh", layer, direction).set_requires_grad(false);
            }
        }
    }

    private Tensor state(float[] values) {
        return place.tensor(values, (long) shape.layers() * shape.directions(), shape.batch(), shape.hiddenSize());
    }

    private Tensor parameter(String name, int layer, int direction) {
        return parameters.get(name + "_l" + layer + (direction == 1 ? "_reverse" : ""));
    }

    TorchPlace place() {
        return place;
    }

    LSTMImpl module() {
        return module;
    }

    /** The input {@code [T, B, I]}, without a gradient unless the caller asks it for one. */
    Tensor input() {
        return input;
    }

    T_TensorT_TensorTensor_T_T forward() {
        return initialState == null ? module.forward(input) : module.forward(input, initialState);
    }

    /** The parameters that are trained: all but the frozen biases. */
    TensorVector trained() {
        TensorVector trained = new TensorVector();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                trained.push_back(parameter("weight_ih", layer, direction));
                trained.push_back(parameter("weight_hh", layer, direction));
                trained.push_back(parameter("bias_ih", layer, direction));
            }
        }
        return trained;
    }

    /** As {@code zero_grad(set_to_none=True)}: the next backward pass writes gradients and does not add to them. */
    static void dropGradients(TensorVector weights) {
        for (long i = 0; i < weights.size(); i++) {
            weights.get(i).mutable_grad().reset();
        }
    }

    Results outputs(T_TensorT_TensorTensor_T_T output) {
        return new Results()
                .put("y", values(output.get0()))
                .put("hn", values(output.get1().get0()))
                .put("cn", values(output.get1().get1()));
    }

    void addGradients(Results results) {
        results.put("dx", values(input.grad()));
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                results.put(
                        Results.ofWeight("dWx", layer, direction),
                        values(parameter("weight_ih", layer, direction).grad()));
                results.put(
                        Results.ofWeight("dWh", layer, direction),
                        values(parameter("weight_hh", layer, direction).grad()));
                results.put(
                        Results.ofWeight("db", layer, direction),
                        values(parameter("bias_ih", layer, direction).grad()));
            }
        }
    }

    private static float[] values(Tensor tensor) {
        Tensor dense = tensor.detach()
                .to(TorchPlace.host().device(), torch.ScalarType.Float)
                .contiguous();
        float[] values = new float[Math.toIntExact(dense.numel())];
        FloatPointer data = dense.data_ptr_float();
        data.get(values);
        return values;
    }

    @Override
    public void close() {
        input.close();
        parameters.close();
        module.close();
    }
}
