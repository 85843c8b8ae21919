package org.gatefold.benchmarks.cudnn;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import jcuda.jcudnn.JCudnn;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;

/**
 * Recurrent layers by one algorithm of cuDNN, called through JCudnn with descriptors and buffers of its own: what a program gets that
 * calls cuDNN itself. Numbers stand in the precision of the products wherever it reads or writes them.
 */
public final class Cudnn implements Contestant {
    private final Placement placement;
    private final Algorithm algorithm;

    public Cudnn(Placement placement) {
        this.placement = placement;
        algorithm = Algorithm.named(placement.implementation());
    }

    private Gpu open() {
        Gpu gpu = new Gpu(placement.device());
        Gpu.require(CudaLibraries.loadCudnn());
        return gpu;
    }

    @Override
    public String version() {
        try (Gpu gpu = open()) {
            return "cuDNN " + JCudnn.cudnnGetVersion() + " on " + gpu.description();
        }
    }

    @Override
    public Set<Cell> cells() {
        return EnumSet.allOf(Cell.class);
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        if (pass == Pass.TRAINING_STEP) {
            return Optional.of("has recurrent layers only: neither a loss nor Adam");
        }
        try (Gpu gpu = open();
                Description asked = describe(gpu, shape, pass)) {
            return asked.weightBytes() > 0 ? Optional.empty() : Optional.of("wants no weights");
        } catch (Status.Unsupported e) {
            return Optional.of(e.getMessage());
        }
    }

    private Description describe(Gpu gpu, LayerShape shape, Pass pass) {
        return new Description(gpu, shape, placement.precision(), algorithm, pass == Pass.TRAINING_PASS);
    }

    @Override
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        Gpu gpu = open();
        Description description = describe(gpu, workload.shape(), pass);
        return new CudnnPass(gpu, description, workload, Numbers.of(placement.precision()), pass == Pass.TRAINING_PASS);
    }
}
