package org.gatefold.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;

/**
 * The models of an executor: one for each file and device, shared by all tasks. Those that no task uses are kept until there are more than
 * a few of them. Devices stay open. Thread-safe.
 */
final class SharedModels {
    private static final int MOST_IDLE = 4;
    private static final Map<String, Shared> MODELS = new LinkedHashMap<>();
    private static final Map<String, Device> DEVICES = new HashMap<>();

    private SharedModels() {}

    /** A task's use of a model, which ends when it is closed. */
    static final class Shared implements AutoCloseable {
        private final String key;
        private final Model model;
        private int users;

        private Shared(String key, Model model) {
            this.key = key;
            this.model = model;
        }

        Model model() {
            return model;
        }

        @Override
        public void close() {
            release(this);
        }
    }

    /** The model of a file's content. */
    static Shared use(byte[] file, String device) {
        String key = device + " " + hash(file);
        synchronized (MODELS) {
            Shared shared = MODELS.remove(key);
            if (shared == null) {
                shared = new Shared(key, load(DEVICES.computeIfAbsent(device, SharedModels::open), file));
            }
            MODELS.put(key, shared);
            shared.users++;
            return shared;
        }
    }

    private static void release(Shared shared) {
        synchronized (MODELS) {
            shared.users--;
            long idle = MODELS.values().stream().filter(each -> each.users == 0).count();
            if (idle > MOST_IDLE) {
                Shared oldest = MODELS.values().stream()
                        .filter(each -> each.users == 0)
                        .findFirst()
                        .orElseThrow();
                MODELS.remove(oldest.key);
                oldest.model.close();
            }
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // stays open as long as the executor runs
    private static Device open(String device) {
        return Devices.named(device);
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by release
    private static Model load(Device device, byte[] file) {
        return withFile(file, path -> ModelFile.load(device, path));
    }

    /** What is read from a file that holds these bytes meanwhile. */
    static <T> T withFile(byte[] file, Function<Path, T> reader) {
        try {
            Path path = Files.createTempFile("gatefold", ".safetensors");
            try {
                Files.write(path, file);
                return reader.apply(path);
            } finally {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
