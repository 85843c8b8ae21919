package org.gatefold.benchmarks.deeplearning4j;

import java.util.Optional;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.common.base.Preconditions;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's LSTM layer in a MultiLayerNetwork. Threads, the kernels of its OpenBLAS and the native library for the
 * processor are set by the environment and the system properties of its process.
 */
public final class Deeplearning4j implements Contestant {
    @Override
    public String version() {
        return "Deeplearning4j " + Preconditions.class.getPackage().getImplementationVersion() + ", "
                + Nd4j.getBackend();
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        return Optional.empty();
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        return switch (pass) {
            case INFERENCE ->
                workload.shape().carriesState() ? new NetworkStreaming(workload) : new NetworkInference(workload);
            case TRAINING_PASS -> new NetworkTrainingPass(workload);
            case TRAINING_STEP -> new NetworkTrainingStep(workload);
        };
    }
}
