package org.gatefold.benchmarks.libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;

/**
 * The LSTM module of PyTorch's C++ library. How it allocates and how its thread pools wait is set by the environment of
 * its process.
 */
public final class LibTorch implements Contestant {
    @Override
    public String version() {
        try {
            return "org.bytedeco:pytorch " + Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        return Optional.empty();
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        torch.set_num_threads(threads);
        LibTorchModel model = new LibTorchModel(workload);
        return switch (pass) {
            case INFERENCE -> new LibTorchInference(model, workload);
            case TRAINING_PASS -> new LibTorchTrainingPass(model, workload);
            case TRAINING_STEP -> new LibTorchTrainingStep(model, workload);
        };
    }
}
