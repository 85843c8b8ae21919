package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.tensor.Tensor;

/** The plan's training forward and backward. Owns the model. */
final class GatefoldTrainingPass implements PreparedPass {
    private final GatefoldModel model;
    private final Tensor dy;
    private final Tensor dx;

    GatefoldTrainingPass(GatefoldModel model, Workload workload) {
        this.model = model;
        LstmShape shape = workload.shape();
        dy = model.scope().f32("dy", shape.steps(), shape.batch(), shape.outputSize());
        dy.write(workload.dy());
        dx = model.scope().f32("dx", shape.steps(), shape.batch(), shape.inputSize());
    }

    @Override
    public void run() {
        model.forward();
        model.backward(dy, dx);
        model.synchronize();
    }

    @Override
    public Results runChecked() {
        run();
        Results results = model.outputs().put("dx", dx.toFloats());
        model.addGradients(results);
        return results;
    }

    @Override
    public void close() {
        model.close();
    }
}
