package org.gatefold.benchmarks.deeplearning4j;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedTraining;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code fit} on one batch. The library clips per layer; it has no clipping by the norm of all gradients. */
final class NetworkTrainingStep implements PreparedTraining {
    private final LayerShape shape;
    private final MultiLayerNetwork network;
    private final INDArray x;
    private final INDArray target;

    NetworkTrainingStep(Workload workload) {
        shape = workload.shape();
        network = Networks.of(workload, true);
        x = Networks.sequence(workload.x(), shape);
        target = Networks.sequence(workload.target(), shape);
    }

    @Override
    public void run() {
        network.fit(x, target);
    }

    @Override
    public float step() {
        run();
        // The library's score is a sum over the steps.
        return (float) (network.score() / shape.steps());
    }

    @Override
    public void close() {
        network.close();
        x.close();
        target.close();
    }
}
