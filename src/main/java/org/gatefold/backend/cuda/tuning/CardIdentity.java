package org.gatefold.backend.cuda.tuning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.JCudaDriver;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelCompiler;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.device.Build;

/**
 * All that results on one card depend on beside their arguments: the card, the libraries, the kernels.
 *
 * @param parts name to value, in the order in which they are shown
 */
public record CardIdentity(Map<String, String> parts) {
    /** The part that is no property of the card. */
    public static final String PROGRAM = "Gatefold";

    private static final Path DRIVER_VERSION = Path.of("/sys/module/nvidia/version");

    public CardIdentity {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    public static CardIdentity of(CudaContext context, Gemm gemm, KernelSources sources) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("card", context.name());
        parts.put("UUID", context.uuid());
        parts.put("driver", driver() + ", for CUDA up to " + cuda());
        parts.put("NVRTC", KernelCompiler.version());
        parts.put("cuBLAS", gemm.version());
        parts.put("cuDNN", CudaLibraries.cudnnVersion());
        parts.put("kernels", sources.hash());
        parts.put(PROGRAM, Build.version());
        return new CardIdentity(parts);
    }

    private static String driver() {
        try {
            return Files.readString(DRIVER_VERSION).strip();
        } catch (IOException e) {
            return "version unknown";
        }
    }

    private static String cuda() {
        int[] version = new int[1];
        CudaStatus.check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
        return version[0] / 1000 + "." + version[0] % 1000 / 10;
    }
}
