package org.gatefold.benchmarks.deeplearning4j;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The network's output. The library hands out no final states here. */
final class NetworkInference implements PreparedPass {
    private final MultiLayerNetwork network;
    private final INDArray x;

    NetworkInference(Workload workload) {
        network = Networks.of(workload, false);
        x = Networks.sequence(workload.x(), workload.shape());
    }

    @Override
    public void run() {
        network.output(x, false);
    }

    @Override
    public Results runChecked() {
        return new Results().put("y", Networks.canonicalSequence(network.output(x, false)));
    }

    @Override
    public void close() {
        network.close();
        x.close();
    }
}
