package org.gatefold.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Brings the native library from the jar into the process, once, and says why if it cannot. Thread-safe.
 *
 * <p>The library is written to a new file of this user's in the temporary directory, compared with the jar by checksum,
 * loaded, and the file is deleted at once: the process keeps the mapping. {@code -Dgatefold.native=FILE} loads that file
 * instead; {@code -Dgatefold.native=off} loads nothing.
 */
final class NativeLoader {
    /** A library file, or {@code off}. */
    static final String PROPERTY = "gatefold.native";

    private NativeLoader() {}

    private static final class Loaded {
        static final Optional<String> FAILURE = load(
                System.getProperty(PROPERTY, "").trim(),
                System.getProperty("os.name", ""),
                System.getProperty("os.arch", ""),
                System::load);
    }

    /** Loads native code from an absolute path; a test puts another in its place. */
    interface Linker {
        void load(String path);
    }

    /** Why the library is not there; empty if it is loaded. */
    static Optional<String> failure() {
        return Loaded.FAILURE;
    }

    static Optional<String> load(String property, String os, String arch, Linker linker) {
        try {
            if (property.equalsIgnoreCase("off")) {
                return Optional.of("switched off by -D" + PROPERTY + "=off");
            }
            if (!property.isEmpty()) {
                Path file = Path.of(property).toAbsolutePath();
                if (!Files.isRegularFile(file)) {
                    return Optional.of("-D" + PROPERTY + ": there is no file " + file);
                }
                linker.load(file.toString());
                return versionFailure(NativeLibrary.abiVersion());
            }
            Optional<String> platform = platform(os, arch);
            if (platform.isEmpty()) {
                return Optional.of("no native library for " + os + " on " + arch);
            }
            String resource = resource(os, platform.get());
            try (InputStream in = NativeLoader.class.getResourceAsStream(resource)) {
                if (in == null) {
                    return Optional.of("the class path holds no " + resource
                            + ": it was built without CMake and a C++ compiler, or for another platform");
                }
                loadCopy(in.readAllBytes(), linker);
            }
            return versionFailure(NativeLibrary.abiVersion());
        } catch (IOException e) {
            return Optional.of("cannot copy the native library to a temporary file: " + e
                    + "; -Djava.io.tmpdir=DIR chooses another directory");
        } catch (UnsatisfiedLinkError e) {
            return Optional.of("cannot load the native library: " + e.getMessage()
                    + "; if the temporary directory forbids execution, choose another by -Djava.io.tmpdir=DIR");
        }
    }

    /** The platform's name in resource paths; empty if none is built for it. */
    static Optional<String> platform(String os, String arch) {
        String system = os.toLowerCase(Locale.ROOT);
        String processor =
                switch (arch.toLowerCase(Locale.ROOT)) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch64";
                    default -> "";
                };
        if (processor.isEmpty()) {
            return Optional.empty();
        }
        if (system.startsWith("linux")) {
            return Optional.of("linux-" + processor);
        }
        if (system.startsWith("mac")) {
            return Optional.of("macos-" + processor);
        }
        return Optional.empty();
    }

    static String resource(String os, String platform) {
        String name = os.toLowerCase(Locale.ROOT).startsWith("mac") ? "libgatefold.dylib" : "libgatefold.so";
        return "/org/gatefold/native/" + platform + "/" + name;
    }

    private static void loadCopy(byte[] library, Linker linker) throws IOException {
        Path directory = Files.createTempDirectory("gatefold");
        Path file = directory.resolve("libgatefold.so");
        try {
            Files.write(file, library);
            if (!Arrays.equals(sha256(library), sha256(Files.readAllBytes(file)))) {
                throw new IOException(file + " is not what was written to it (is the disk full?)");
            }
            linker.load(file.toString());
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    static Optional<String> versionFailure(int version) {
        if (version == NativeLibrary.ABI_VERSION) {
            return Optional.empty();
        }
        return Optional.of("the native library has interface version " + version + ", expected "
                + NativeLibrary.ABI_VERSION + ": it belongs to another release");
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
