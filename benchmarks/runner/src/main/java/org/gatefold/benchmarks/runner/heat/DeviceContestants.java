package org.gatefold.benchmarks.runner.heat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.benchmarks.contract.Placement;

/** All contestants on a device with their settings: the one place to add another. Stateless. */
final class DeviceContestants {
    private static final String GATEFOLD_CLASS = "org.gatefold.benchmarks.gatefold.Gatefold";
    private static final String CUDNN_CLASS = "org.gatefold.benchmarks.cudnn.Cudnn";
    private static final String LIBTORCH_CLASS = "org.gatefold.benchmarks.libtorch.LibTorch";
    private static final String GEMM_CLASS = "org.gatefold.benchmarks.cudnn.GemmCeiling";

    /** Gatefold's implementations; an empty name is its own choice between them. */
    private static final List<String> IMPLEMENTATIONS = List.of(
            "",
            "cuda.steps",
            "cuda.fused",
            "cuda.fused.tf32x3",
            "cuda.persistent",
            "cuda.cluster",
            "cuda.cudnn",
            "cuda.cudnn.persist-static",
            "cuda.cudnn.persist-dynamic",
            "cuda.cudnn.small-h");

    /** Algorithms of cuDNN, called without Gatefold. */
    private static final List<String> ALGORITHMS = List.of("standard", "persist-static", "persist-dynamic", "small-h");

    /** In the class path of libtorch's module if it was built with the natives for GPUs. */
    private static final String LIBTORCH_NATIVES = "-gpu.jar";

    private final DeviceChoice device;
    private final List<String> jvmArguments;
    private final boolean libtorch;

    DeviceContestants(DeviceChoice device, BenchmarkSettings settings) throws IOException {
        this.device = device;
        jvmArguments = device.jvmArguments(settings.output());
        Path classPath = settings.home().resolve("libtorch/target/classpath.txt");
        libtorch = Files.isRegularFile(classPath) && Files.readString(classPath).contains(LIBTORCH_NATIVES);
    }

    List<ContestantSpec> all(Placement.Precision precision) {
        List<ContestantSpec> all = new ArrayList<>();
        for (String name : IMPLEMENTATIONS) {
            all.add(spec(name.isEmpty() ? Contestants.GATEFOLD : name, "gatefold", GATEFOLD_CLASS, name, precision));
        }
        for (String algorithm : ALGORITHMS) {
            all.add(spec("cudnn." + algorithm, "cudnn", CUDNN_CLASS, algorithm, precision));
        }
        if (libtorch) {
            all.add(spec("libtorch", "libtorch", LIBTORCH_CLASS, "", precision));
        }
        return all;
    }

    /** cuBLAS's product in the same precision. */
    Ceiling ceiling(Placement.Precision precision) {
        return new Ceiling(
                spec("gemm-ceiling", "cudnn", GEMM_CLASS, Integer.toString(device.productSize()), precision),
                2.0 * Math.pow(device.productSize(), 3));
    }

    private ContestantSpec spec(
            String name, String module, String className, String implementation, Placement.Precision precision) {
        return new ContestantSpec(
                name,
                module,
                className,
                new Placement(device.name(), implementation, precision).toString(),
                Map.of(),
                jvmArguments,
                tolerance(precision));
    }

    /** Of the largest value of a tensor: a rounding of an operand is half of 2⁻¹⁰ with 11 bits, of 2⁻⁷ with 8, and errors add up over the steps. */
    private static double tolerance(Placement.Precision precision) {
        return switch (precision) {
            case F32 -> Contestants.FLOAT32_TOLERANCE;
            case TF32 -> 1e-2;
            case F16 -> 2e-2;
            case BF16 -> Contestants.BFLOAT16_TOLERANCE;
        };
    }
}
