package org.gatefold.benchmarks.runner.heat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All contestants on the host with their settings: the one place to add another. Stateless. */
public final class Contestants {
    /** What peaks and percentages refer to; takes part in every comparison and is no contestant. */
    static final Ceiling CEILING = new Ceiling(
            new ContestantSpec(
                    "gemm-ceiling", "onednn", "org.gatefold.benchmarks.onednn.GemmCeiling", "", Map.of(), List.of(), 0),
            2.0 * 2048 * 2048 * 2048);

    /** Whom ratios refer to where it takes part. */
    public static final String GATEFOLD = "gatefold";

    static final double FLOAT32_TOLERANCE = 1e-4;

    /** bfloat16 has 8 bits of mantissa: 2⁻⁹ per rounding, accumulated over the steps. */
    static final double BFLOAT16_TOLERANCE = 5e-2;

    private static final String PACKAGE = "org.gatefold.benchmarks.";

    private Contestants() {}

    static List<ContestantSpec> all() throws IOException {
        List<ContestantSpec> all = new ArrayList<>();
        all.add(new ContestantSpec(
                GATEFOLD, "gatefold", PACKAGE + "gatefold.Gatefold", "", Map.of(), List.of(), FLOAT32_TOLERANCE));
        all.add(new ContestantSpec(
                GATEFOLD + "-bf16",
                "gatefold",
                PACKAGE + "gatefold.Gatefold",
                "cpu//BF16",
                Map.of(),
                List.of(),
                BFLOAT16_TOLERANCE));
        all.add(new ContestantSpec(
                "libtorch", "libtorch", PACKAGE + "libtorch.LibTorch", "", Map.of(), List.of(), FLOAT32_TOLERANCE));
        all.add(new ContestantSpec(
                "libtorch-tuned",
                "libtorch",
                PACKAGE + "libtorch.LibTorch",
                "",
                tunedAllocationAndWaiting(),
                List.of(),
                FLOAT32_TOLERANCE));
        all.add(new ContestantSpec(
                "onednn", "onednn", PACKAGE + "onednn.OneDnn", "", Map.of(), List.of(), FLOAT32_TOLERANCE));
        all.add(new ContestantSpec(
                "onednn-bf16",
                "onednn",
                PACKAGE + "onednn.OneDnnBfloat16",
                "",
                Map.of(),
                List.of(),
                BFLOAT16_TOLERANCE));
        all.add(new ContestantSpec(
                "onnxruntime",
                "onnxruntime",
                PACKAGE + "onnxruntime.OnnxRuntime",
                "",
                Map.of(),
                List.of(),
                FLOAT32_TOLERANCE));
        all.add(deeplearning4j());
        return all;
    }

    /**
     * As installed, a third of libtorch's training time goes into page faults, because every step allocates its
     * workspace anew, and its two thread pools spin against each other.
     */
    private static Map<String, String> tunedAllocationAndWaiting() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("MALLOC_ARENA_MAX", "1");
        settings.put("MALLOC_MMAP_THRESHOLD_", "4000000000");
        settings.put("MALLOC_TRIM_THRESHOLD_", "16000000000");
        settings.put("MALLOC_TOP_PAD_", "268435456");
        settings.put("OPENBLAS_THREAD_TIMEOUT", "6");
        settings.put("GOMP_SPINCOUNT", "1000");
        return settings;
    }

    /**
     * Its OpenBLAS of 2021 does not know newer processors and would take slow kernels for them. Its loader takes the
     * library for AVX-512 wherever that lies on the class path, so the one for this processor must be named.
     */
    private static ContestantSpec deeplearning4j() throws IOException {
        String processor = Files.readString(Path.of("/proc/cpuinfo"));
        boolean avx512 = processor.contains("avx512bw");
        String extension = avx512 ? "-avx512" : processor.contains("avx2") ? "-avx2" : "";
        return new ContestantSpec(
                "dl4j",
                "deeplearning4j",
                PACKAGE + "deeplearning4j.Deeplearning4j",
                "",
                avx512 ? Map.of("OPENBLAS_CORETYPE", "SkylakeX") : Map.of(),
                List.of("-Dorg.bytedeco.javacpp.platform.extension=" + extension),
                FLOAT32_TOLERANCE);
    }
}
