package org.gatefold.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.gatefold.device.UserCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the native library from the jar into the process, once, and says why if it cannot. Thread-safe.
 *
 * <p>The library is loaded from the user's {@link NativeCache}. Where it cannot be, it is written to a new file in the
 * temporary directory, compared with the jar, loaded, and the file is deleted at once: the process keeps the mapping.
 * {@code -Dgatefold.native=FILE} loads that file instead; {@code -Dgatefold.native=off} loads nothing.
 * {@code -Dgatefold.native.cache=DIR} chooses the folder of the cache, {@code off} does without.
 */
final class NativeLoader {
    /** A library file, or {@code off}. */
    static final String PROPERTY = "gatefold.native";

    private static final Logger LOG = LoggerFactory.getLogger(NativeLoader.class);

    private static final String TEMPORARY = "gatefold-native-";

    private NativeLoader() {}

    private static final class Loaded {
        static final Optional<String> FAILURE = load(
                System.getProperty(PROPERTY, "").trim(),
                NativeCache.chosen(System.getProperty(NativeCache.PROPERTY, "").trim(), UserCache.ofThisUser()),
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

    static Optional<String> load(String property, Optional<NativeCache> cache, String os, String arch, Linker linker) {
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
                byte[] library = in.readAllBytes();
                String suffix = resource.substring(resource.lastIndexOf('.'));
                if (cache.isEmpty() || !loadKept(library, suffix, cache.get(), linker)) {
                    loadCopy(library, suffix, linker);
                }
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

    /** False if the cache cannot serve: another way may. */
    private static boolean loadKept(byte[] library, String suffix, NativeCache cache, Linker linker) {
        try {
            linker.load(cache.keep(library, suffix).toString());
            return true;
        } catch (IOException e) {
            LOG.info("the native library is not kept from one process to the next: {}", e.toString());
        } catch (UnsatisfiedLinkError e) {
            // Another class loader of this process has loaded the file, or its folder forbids execution.
            LOG.info("the native library cannot be loaded from the cache: {}", e.getMessage());
        }
        return false;
    }

    private static void loadCopy(byte[] library, String suffix, Linker linker) throws IOException {
        Path directory = Files.createTempDirectory(TEMPORARY);
        Path file = directory.resolve("libgatefold" + suffix);
        try {
            sweep(directory, suffix);
            Files.write(file, library);
            if (!Arrays.equals(library, Files.readAllBytes(file))) {
                throw new IOException(file + " is not what was written to it (is the disk full?)");
            }
            linker.load(file.toString());
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    /** Deletes the directories that processes of this user left when they were killed while loading. */
    private static void sweep(Path own, String suffix) {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(own.getParent(), TEMPORARY + "*")) {
            Instant limit = Instant.now().minus(NativeCache.ABANDONED);
            UserPrincipal user = Files.getOwner(own);
            for (Path other : others) {
                if (!other.equals(own)) {
                    deleteAbandoned(other, suffix, user, limit);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.info("directories of earlier processes stay in {}: {}", own.getParent(), e.toString());
        }
    }

    /** One that holds anything else, or that another process is deleting, does not keep the rest from being swept. */
    private static void deleteAbandoned(Path directory, String suffix, UserPrincipal user, Instant limit) {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()
                    && attributes.owner().equals(user)
                    && attributes.lastModifiedTime().toInstant().isBefore(limit)) {
                Files.deleteIfExists(directory.resolve("libgatefold" + suffix));
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            LOG.info("{} of an earlier process stays: {}", directory, e.toString());
        }
    }

    static Optional<String> versionFailure(int version) {
        if (version == NativeLibrary.ABI_VERSION) {
            return Optional.empty();
        }
        return Optional.of("the native library has interface version " + version + ", expected "
                + NativeLibrary.ABI_VERSION + ": it belongs to another release");
    }
}
