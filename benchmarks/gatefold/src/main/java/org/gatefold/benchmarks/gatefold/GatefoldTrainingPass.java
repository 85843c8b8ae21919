package org.gatefold.benchmarks.gatefold;

import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.tensor.Tensor;

/** The plan's training forward and backward. */
final class GatefoldTrainingPass extends GatefoldPass {
    private final Tensor dy;
    private final Tensor dx;

    GatefoldTrainingPass(GatefoldModel model, Workload workload) {
        super(model);
        LayerShape shape = workload.shape();
        dy = model.scope().f32("dy", shape.steps(), shape.batch(), shape.outputSize());
        dy.write(workload.dy());
        dx = model.scope().f32("dx", shape.steps(), shape.batch(), shape.inputSize());
    }

    @Override
    protected void submit() {
        model.forward();
        model.backward(dy, dx);
    }

    @Override
    public Results runChecked() {
        run();
        Results results = model.outputs().put("dx", dx.toFloats());
        model.addGradients(results);
        return results;
    }
}
