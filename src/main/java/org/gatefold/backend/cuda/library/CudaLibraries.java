package org.gatefold.backend.cuda.library;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the CUDA libraries and JCuda's natives once per process, and remembers why that failed. Thread-safe.
 *
 * <p>{@link LibraryChoice} says which files; JCuda's natives, loaded after them, are bound to them by name, so that none
 * needs to stand on the library path.
 */
public final class CudaLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(CudaLibraries.class);
    private static final int CUDA = 12;
    private static final String PLATFORM = "linux-x86_64";

    /** cuDNN's version as it tells it: 10000 times the major one, and so on. */
    private static final int CUDNN = 90000;

    private static Optional<String> failure;
    private static Optional<String> compilerFailure;
    private static Optional<String> cudnnFailure;

    private CudaLibraries() {}

    /** Loads everything at the first call; the reason if that failed, with what would help. */
    public static synchronized Optional<String> load() {
        if (failure == null) {
            failure = attempt(List.of("JCudaDriver", "JNvrtc", "JCublas2"), CudaLibraries::loadAll);
        }
        return failure;
    }

    /** Loads NVRTC alone, which needs no driver and no GPU; the reason if that failed, with what would help. */
    public static synchronized Optional<String> loadCompiler() {
        if (compilerFailure == null) {
            compilerFailure = attempt(List.of("JNvrtc"), CudaLibraries::loadNvrtc);
        }
        return compilerFailure;
    }

    /**
     * Loads cuDNN alone, which needs no driver and no GPU to be asked for descriptors; the reason if that failed, with what
     * would help. Says once in the log if it is not there, since a GPU works without it.
     */
    public static synchronized Optional<String> loadCudnn() {
        if (cudnnFailure == null) {
            cudnnFailure = attempt(List.of("JCudnn"), CudaLibraries::loadDnn);
            cudnnFailure.ifPresent(reason -> LOG.info("cuda.cudnn is not offered: {}", reason));
        }
        return cudnnFailure;
    }

    /** cuDNN's version, for instance {@code "9.5.1"}; {@code "none"} where it cannot be loaded. */
    public static String cudnnVersion() {
        return loadCudnn().isEmpty() ? Cudnn.version() : "none";
    }

    /** A part of the loading; the reason if something is missing. */
    private interface Attempt {
        Optional<String> run();
    }

    private static Optional<String> attempt(List<String> natives, Attempt attempt) {
        Optional<String> absent = jcudaMissing(natives);
        if (absent.isPresent()) {
            return absent;
        }
        try {
            return attempt.run();
        } catch (UnsatisfiedLinkError | CudaException e) {
            return Optional.of(reason(String.valueOf(e.getMessage())));
        }
    }

    /** The first line of a message, with the linker's own words behind it where JCuda nests them as a stack trace. */
    static String reason(String message) {
        String linker = UnsatisfiedLinkError.class.getName() + ": ";
        String first = message.lines().findFirst().orElse("unknown reason");
        // JCuda tries the library path, then the copy in its jar: the last is what failed in earnest.
        return message.lines()
                .filter(line -> line.startsWith(linker))
                .reduce((earlier, later) -> later)
                .map(line -> first + ": " + line.substring(linker.length()))
                .orElse(first);
    }

    private static Optional<String> jcudaMissing(List<String> natives) {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!system.toLowerCase(Locale.ROOT).matches("linux on (amd64|x86_64)")) {
            return Optional.of("CUDA devices are served on Linux on x86_64, this is " + system);
        }
        ClassLoader loader = CudaLibraries.class.getClassLoader();
        if (loader.getResource("jcuda/driver/JCudaDriver.class") == null
                || loader.getResource("jcuda/jcublas/JCublas2.class") == null) {
            return Optional.of("JCuda is not on the class path: add org.jcuda:jcuda and org.jcuda:jcublas 12.6.0");
        }
        String version = JCuda.version();
        if (!version.startsWith(CUDA + ".")) {
            return Optional.of("JCuda is version " + version + ", expected 12.6.0");
        }
        if (natives.contains("JCudnn") && loader.getResource("jcuda/jcudnn/JCudnn.class") == null) {
            return Optional.of("JCudnn is not on the class path: add org.jcuda:jcudnn 11.7.0");
        }
        for (String name : natives) {
            String library = System.mapLibraryName(name + "-" + version + "-" + PLATFORM);
            if (loader.getResource("lib/" + library) == null) {
                return Optional.of("JCuda's natives are not on the class path (" + library
                        + "): add org.jcuda:jcuda-natives, jcudnn-natives and org.jcuda:jcublas-natives " + version
                        + " with classifier " + PLATFORM);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> loadAll() {
        LibraryChoice choice = LibraryChoice.standard();
        Optional<String> missing = choice.missing();
        if (missing.isPresent()) {
            return missing;
        }
        loadFiles(choice.all());
        Optional<String> wrong = JCuda.initialize(choice);
        if (wrong.isEmpty()) {
            LOG.info("CUDA libraries from {}", choice.origin());
        }
        return wrong;
    }

    private static Optional<String> loadNvrtc() {
        LibraryChoice choice = LibraryChoice.standard();
        Optional<String> missing = choice.compilerMissing();
        if (missing.isPresent()) {
            return missing;
        }
        loadFiles(choice.compiler());
        return JCuda.initializeCompiler(choice);
    }

    private static Optional<String> loadDnn() {
        LibraryChoice choice = LibraryChoice.standard();
        Optional<String> missing = choice.cudnnMissing();
        if (missing.isPresent()) {
            return missing;
        }
        loadFiles(choice.cudnn());
        return Cudnn.initialize();
    }

    private static void loadFiles(List<Path> files) {
        for (Path file : files) {
            try {
                System.load(file.toString());
            } catch (UnsatisfiedLinkError e) {
                throw new CudaException("a CUDA library cannot be loaded: " + e.getMessage());
            }
        }
    }

    /** Touches JCuda's classes; apart, so that their absence is an answer and not a linkage error. */
    private static final class JCuda {
        private JCuda() {}

        static String version() {
            return jcuda.JCudaVersion.get();
        }

        static Optional<String> initialize(LibraryChoice choice) {
            JCudaDriver.setExceptionsEnabled(false);
            bound(choice, LibraryChoice.CUBLAS, "JCublas2", () -> JCublas2.setExceptionsEnabled(false));
            int status = JCudaDriver.cuInit(0);
            if (status != 0) {
                return Optional.of("the NVIDIA driver does not start: cuInit gives " + CudaStatus.name(status) + " ("
                        + status + "): look at nvidia-smi, and install a driver that fits your GPU");
            }
            int[] version = new int[1];
            CudaStatus.check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
            int needed = Math.max(choice.release(LibraryChoice.NVRTC), choice.release(LibraryChoice.CUBLAS));
            if (version[0] < needed * 1000) {
                return Optional.of("the NVIDIA driver knows CUDA up to " + version[0] / 1000 + "."
                        + version[0] % 1000 / 10 + ", expected " + needed + ".0 or newer: update the driver");
            }
            return initializeCompiler(choice);
        }

        /** Has a class of JCuda load its native, bound to the release of CUDA that is there. */
        private static void bound(LibraryChoice choice, String library, String name, Runnable initialisation) {
            int release = choice.release(library);
            if (release == CUDA) {
                initialisation.run();
                return;
            }
            String resource = "lib/" + System.mapLibraryName(name + "-" + version() + "-" + PLATFORM);
            new ReboundNative(resource, library + CUDA, library + release).during(initialisation);
        }

        static Optional<String> initializeCompiler(LibraryChoice choice) {
            bound(choice, LibraryChoice.NVRTC, "JNvrtc", () -> JNvrtc.setExceptionsEnabled(false));
            int release = choice.release(LibraryChoice.NVRTC);
            int[] major = new int[1];
            int[] minor = new int[1];
            CudaStatus.checkNvrtc("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
            return major[0] == release
                    ? Optional.empty()
                    : Optional.of("NVRTC is version " + major[0] + "." + minor[0] + ", expected " + release + ".x");
        }
    }

    /** Touches JCudnn's classes; apart for the same reason. */
    private static final class Cudnn {
        private Cudnn() {}

        static String version() {
            long version = JCudnn.cudnnGetVersion();
            return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
        }

        static Optional<String> initialize() {
            // Its exceptions know the status codes of cuDNN 8 only; CudnnStatus checks every status instead.
            JCudnn.setExceptionsEnabled(false);
            long version = JCudnn.cudnnGetVersion();
            return version >= CUDNN && version < CUDNN + 10000
                    ? Optional.empty()
                    : Optional.of("cuDNN is version " + version + ", expected 9.x (" + CUDNN + " or newer)");
        }
    }
}
