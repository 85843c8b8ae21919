package org.gatefold.benchmarks.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.Optional;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;

/** ONNX Runtime on the CPU, with a model of constant weights. */
public final class OnnxRuntime implements Contestant {
    @Override
    public String version() {
        return "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        return pass == Pass.INFERENCE ? Optional.empty() : Optional.of("inference only");
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        try {
            return new OnnxInference(workload, threads);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
