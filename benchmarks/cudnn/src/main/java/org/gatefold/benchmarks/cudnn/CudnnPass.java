package org.gatefold.benchmarks.cudnn;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnWgradMode;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/** Inference, or forward and backward, as a program calls cuDNN that keeps everything as it wants it. Owns all memory. */
final class CudnnPass extends GpuPass {
    private final Description description;
    private final LayerShape shape;
    private final Numbers numbers;
    private final boolean training;
    private final WeightSpace weights;
    private final WeightSpace gradients;
    private final CUdeviceptr x;
    private final CUdeviceptr y;
    private final CUdeviceptr dx;
    private final CUdeviceptr dy;
    private final Pointer h0;
    private final Pointer c0;
    private final CUdeviceptr hn;
    private final Pointer cn;
    private final CUdeviceptr work;
    private final Pointer reserve;

    /** Takes over the GPU and the description. */
    CudnnPass(Gpu gpu, Description description, Workload workload, Numbers numbers, boolean training) {
        super(gpu);
        this.description = description;
        this.numbers = numbers;
        this.training = training;
        shape = workload.shape();
        weights = new WeightSpace(gpu, description, shape, numbers);
        weights.write(workload);
        gradients = training ? new WeightSpace(gpu, description, shape, numbers) : null;
        x = gpu.allocate(numbers.encode(workload.x()));
        y = gpu.allocate(sequence(shape.outputSize()));
        dx = gpu.allocate(training ? sequence(shape.inputSize()) : 0);
        dy = training ? gpu.allocate(numbers.encode(workload.dy())) : new CUdeviceptr();
        boolean cells = shape.cell() == Cell.LSTM;
        h0 = shape.carriesState() ? gpu.allocate(numbers.encode(workload.h0())) : new Pointer();
        c0 = shape.carriesState() && cells ? gpu.allocate(numbers.encode(workload.c0())) : new Pointer();
        hn = gpu.allocate(states());
        cn = cells ? gpu.allocate(states()) : new Pointer();
        work = gpu.allocate(description.workBytes());
        reserve = gpu.allocate(description.reserveBytes());
    }

    private int sequence(int features) {
        return shape.steps() * shape.batch() * features * numbers.bytes();
    }

    private int states() {
        return shape.layers() * shape.directions() * shape.batch() * shape.hiddenSize() * numbers.bytes();
    }

    @Override
    protected void submit() {
        forward();
        if (training) {
            backward();
        }
    }

    private void forward() {
        Status.cudnn(
                "cudnnRNNForward",
                JCudnn.cudnnRNNForward(
                        description.handle(),
                        description.rnn(),
                        description.forwardMode(),
                        new Pointer(),
                        description.input(),
                        x,
                        description.output(),
                        y,
                        description.states(),
                        h0,
                        hn,
                        description.states(),
                        c0,
                        cn,
                        description.weightBytes(),
                        weights.memory(),
                        description.workBytes(),
                        work,
                        description.reserveBytes(),
                        reserve));
    }

    private void backward() {
        Status.cudnn(
                "cudnnRNNBackwardData_v8",
                JCudnn.cudnnRNNBackwardData_v8(
                        description.handle(),
                        description.rnn(),
                        new Pointer(),
                        description.output(),
                        y,
                        dy,
                        description.input(),
                        dx,
                        description.states(),
                        h0,
                        new Pointer(),
                        new Pointer(),
                        description.states(),
                        c0,
                        new Pointer(),
                        new Pointer(),
                        description.weightBytes(),
                        weights.memory(),
                        description.workBytes(),
                        work,
                        description.reserveBytes(),
                        reserve));
        // cuDNN adds to what is there.
        gpu.clear(gradients.memory(), description.weightBytes());
        Status.cudnn(
                "cudnnRNNBackwardWeights_v8",
                JCudnn.cudnnRNNBackwardWeights_v8(
                        description.handle(),
                        description.rnn(),
                        cudnnWgradMode.CUDNN_WGRAD_MODE_ADD,
                        new Pointer(),
                        description.input(),
                        x,
                        description.states(),
                        h0,
                        description.output(),
                        y,
                        description.weightBytes(),
                        gradients.memory(),
                        description.workBytes(),
                        work,
                        description.reserveBytes(),
                        reserve));
    }

    @Override
    public Results runChecked() {
        run();
        Results results = new Results()
                .put("y", numbers.decode(gpu.read(y, 0, sequence(shape.outputSize()))))
                .put("hn", numbers.decode(gpu.read(hn, 0, states())));
        if (cn instanceof CUdeviceptr pointer) {
            results.put("cn", numbers.decode(gpu.read(pointer, 0, states())));
        }
        if (training) {
            results.put("dx", numbers.decode(gpu.read(dx, 0, sequence(shape.inputSize()))));
            gradients.read(results);
        }
        return results;
    }

    @Override
    public void close() {
        description.close();
        super.close();
    }
}
