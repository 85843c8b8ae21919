package org.gatefold.benchmarks.libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;

/**
 * The LSTM module of PyTorch's C++ library. How it allocates and how its thread pools wait is set by the environment of
 * its process.
 */
public final class LibTorch implements Contestant {
    private final TorchPlace place;

    public LibTorch() {
        place = TorchPlace.host();
    }

    public LibTorch(Placement placement) {
        place = TorchPlace.of(placement);
    }

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
        if (place.onHost()) {
            return Optional.empty();
        }
        if (!torch.cuda_is_available()) {
            return Optional.of("this build of libtorch sees no GPU");
        }
        return pass == Pass.TRAINING_STEP
                ? Optional.of("its training step is compared on the host only")
                : Optional.empty();
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        torch.set_num_threads(threads);
        LibTorchModel model = new LibTorchModel(workload, place);
        return switch (pass) {
            case INFERENCE -> new LibTorchInference(model);
            case TRAINING_PASS -> new LibTorchTrainingPass(model, workload);
            case TRAINING_STEP -> new LibTorchTrainingStep(model, workload);
        };
    }
}
