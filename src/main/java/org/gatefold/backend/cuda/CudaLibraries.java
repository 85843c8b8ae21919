package org.gatefold.backend.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.nvrtc.JNvrtc;

/**
 * Loads the CUDA libraries and JCuda's natives once per process, and remembers why that failed.
 *
 * <p>With {@code -Dgatefold.cuda.libraries=DIR} the libraries are loaded from that folder, so that they need not stand on
 * the library path; JCuda's natives, loaded after them, are bound to them by name.
 */
final class CudaLibraries {
    /** A folder with libcuda.so.1 (optional), libnvrtc.so.12 and libcublas.so.12. */
    static final String FOLDER_PROPERTY = "gatefold.cuda.libraries";

    private static final List<String> OPTIONAL = List.of("libgfsim.so", "libcuda.so.1", "libnvJitLink.so.12");
    private static final List<String> REQUIRED = List.of("libnvrtc.so.12", "libcublasLt.so.12", "libcublas.so.12");
    private static final String HOW =
            "install an NVIDIA driver and CUDA 12 (libcuda.so.1, libnvrtc.so.12, libcublas.so.12)";

    private static Optional<String> failure;

    private CudaLibraries() {}

    /** Loads everything at the first call; the reason if that failed, with what would help. */
    static synchronized Optional<String> load() {
        if (failure == null) {
            failure = tryLoad();
        }
        return failure;
    }

    private static Optional<String> tryLoad() {
        try {
            Class.forName("jcuda.driver.JCudaDriver", false, CudaLibraries.class.getClassLoader());
            Class.forName("jcuda.jcublas.JCublas2", false, CudaLibraries.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            return Optional.of(
                    "JCuda is not on the class path: add org.jcuda:jcuda and org.jcuda:jcublas 12.6.0 with their"
                            + " natives");
        }
        try {
            loadFolder(System.getProperty(FOLDER_PROPERTY, "").trim());
            return Initializer.run();
        } catch (UnsatisfiedLinkError e) {
            return Optional.of("a CUDA library cannot be loaded (" + firstLine(e) + "): " + HOW);
        } catch (CudaException e) {
            return Optional.of(firstLine(e));
        }
    }

    private static void loadFolder(String folder) {
        if (folder.isEmpty()) {
            return;
        }
        Path directory = Path.of(folder);
        if (!Files.isDirectory(directory)) {
            throw new CudaException("-D" + FOLDER_PROPERTY + ": expected a folder, got '" + folder + "'");
        }
        List<String> names = new ArrayList<>(OPTIONAL);
        names.addAll(REQUIRED);
        for (String name : names) {
            Path file = directory.resolve(name);
            if (Files.exists(file)) {
                System.load(file.toAbsolutePath().toString());
            }
        }
    }

    private static String firstLine(Throwable error) {
        String text = String.valueOf(error.getMessage());
        int end = text.indexOf('\n');
        return (end < 0 ? text : text.substring(0, end)).trim();
    }

    /** Touches JCuda's classes; apart, so that their absence is an answer and not a linkage error. */
    private static final class Initializer {
        private Initializer() {}

        static Optional<String> run() {
            JCudaDriver.setExceptionsEnabled(false);
            JCublas2.setExceptionsEnabled(false);
            JNvrtc.setExceptionsEnabled(false);
            int status = JCudaDriver.cuInit(0);
            if (status != 0) {
                return Optional.of("cuInit failed: " + CudaStatus.name(status) + ": " + HOW);
            }
            int[] major = new int[1];
            int[] minor = new int[1];
            CudaStatus.checkNvrtc("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
            if (major[0] != 12) {
                return Optional.of("NVRTC is version " + major[0] + "." + minor[0] + ", expected 12: " + HOW);
            }
            return Optional.empty();
        }
    }
}
