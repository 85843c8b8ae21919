package org.gatefold.benchmarks.cudnn;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/**
 * Parameters, or their gradients, in the order that cuDNN wants; where each stands it is asked for. Linear layers 0 to G - 1 of a layer
 * and direction are the gates' on the input, G to 2G - 1 those on the state. Of the recurrent biases only b' of a GRU is used.
 */
final class WeightSpace {
    private final Gpu gpu;
    private final Description description;
    private final LayerShape shape;
    private final Numbers numbers;
    private final CUdeviceptr memory;

    WeightSpace(Gpu gpu, Description description, LayerShape shape, Numbers numbers) {
        this.gpu = gpu;
        this.description = description;
        this.shape = shape;
        this.numbers = numbers;
        memory = gpu.allocate(description.weightBytes());
        gpu.clear(memory, description.weightBytes());
        gpu.synchronize();
    }

    CUdeviceptr memory() {
        return memory;
    }

    /** Where a part stands: address as a number from the start, and elements. */
    private record Place(long offset, int elements) {}

    private static final class Address extends Pointer {
        long value() {
            return getNativePointer();
        }
    }

    private static final class Start extends CUdeviceptr {
        Start(CUdeviceptr pointer) {
            super(pointer);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }

    /** Matrix and bias of a linear layer. */
    private Place[] places(int set, int linear) {
        Address matrix = new Address();
        Address bias = new Address();
        cudnnTensorDescriptor matrixShape = new cudnnTensorDescriptor();
        cudnnTensorDescriptor biasShape = new cudnnTensorDescriptor();
        Status.cudnn("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(matrixShape));
        Status.cudnn("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(biasShape));
        Status.cudnn(
                "cudnnGetRNNWeightParams",
                JCudnn.cudnnGetRNNWeightParams(
                        description.handle(),
                        description.rnn(),
                        set,
                        description.weightBytes(),
                        memory,
                        linear,
                        matrixShape,
                        matrix,
                        biasShape,
                        bias));
        Place[] places = {place(matrix, matrixShape), place(bias, biasShape)};
        Status.cudnn("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(matrixShape));
        Status.cudnn("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(biasShape));
        return places;
    }

    private Place place(Address address, cudnnTensorDescriptor descriptor) {
        int[] dimensions = new int[3];
        Status.cudnn(
                "cudnnGetTensorNdDescriptor",
                JCudnn.cudnnGetTensorNdDescriptor(
                        descriptor, dimensions.length, new int[1], new int[1], dimensions, new int[3]));
        return new Place(
                address.value() - new Start(memory).value(),
                Arrays.stream(dimensions).reduce(1, (a, b) -> a * b));
    }

    /** What is done with a part: {@code values} has it from {@code offset}. */
    private interface Action {
        void on(Place place, float[] values, int offset);
    }

    /** Visits all parts of a layer and direction. */
    private void each(int set, float[] wx, float[] wh, float[] bias, Action action) {
        int gates = shape.cell().gates();
        int hidden = shape.hiddenSize();
        int in = shape.layerInput(set / shape.directions());
        for (int gate = 0; gate < gates; gate++) {
            Place[] ofInput = places(set, gate);
            Place[] ofState = places(set, gates + gate);
            action.on(ofInput[0], wx, gate * hidden * in);
            action.on(ofInput[1], bias, gate * hidden);
            action.on(ofState[0], wh, gate * hidden * hidden);
            if (shape.cell() == Cell.GRU && gate == gates - 1) {
                action.on(ofState[1], bias, gates * hidden);
            }
        }
    }

    void write(Workload workload) {
        for (int set = 0; set < shape.layers() * shape.directions(); set++) {
            int layer = set / shape.directions();
            int direction = set % shape.directions();
            each(
                    set,
                    workload.wx(layer, direction),
                    workload.wh(layer, direction),
                    workload.bias(layer, direction),
                    (place, values, offset) ->
                            gpu.write(memory, place.offset(), numbers.encode(values, offset, place.elements())));
        }
    }

    /** Puts them as gradients of the weights. */
    void read(Results results) {
        for (int set = 0; set < shape.layers() * shape.directions(); set++) {
            int layer = set / shape.directions();
            int direction = set % shape.directions();
            float[] wx = new float[shape.gateRows() * shape.layerInput(layer)];
            float[] wh = new float[shape.gateRows() * shape.hiddenSize()];
            float[] bias = new float[Cell.BIASES * shape.hiddenSize()];
            each(set, wx, wh, bias, (place, values, offset) -> {
                byte[] encoded = gpu.read(memory, place.offset(), place.elements() * numbers.bytes());
                System.arraycopy(numbers.decode(encoded), 0, values, offset, place.elements());
            });
            results.put(Results.ofWeight("dWx", layer, direction), wx)
                    .put(Results.ofWeight("dWh", layer, direction), wh)
                    .put(Results.ofWeight("db", layer, direction), bias);
        }
    }
}
