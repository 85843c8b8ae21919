package org.gatefold.spark.scoring;

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
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;
import org.gatefold.recipe.TrainedModel;

/**
 * The models of an executor: one for each file, kind and device, shared by all tasks. Those that no task uses are kept until there are more than
 * a few of them. Devices stay open. Thread-safe.
 */
public final class SharedModels {
    private static final int MOST_IDLE = 4;
    private static final Map<String, Shared<?>> MODELS = new LinkedHashMap<>();
    private static final Map<String, Device> DEVICES = new HashMap<>();

    private SharedModels() {}

    /**
     * What is made of a file.
     *
     * @param name tells it from others
     */
    record Kind<M extends AutoCloseable>(String name, BiFunction<Device, Path, M> loader, Consumer<M> closer) {}

    /** The network that a file describes. */
    static final Kind<Model> NETWORK = new Kind<>("network", ModelFile::load, Model::close);

    /** The network with all that its recipe needs to read and answer. */
    public static final Kind<TrainedModel> RECIPE = new Kind<>("recipe", TrainedModel::load, TrainedModel::close);

    /** A task's use of a model, which ends when it is closed. */
    public static final class Shared<M extends AutoCloseable> implements AutoCloseable {
        private final String key;
        private final Kind<M> kind;
        private final M model;
        private int users;

        private Shared(String key, Kind<M> kind, M model) {
            this.key = key;
            this.kind = kind;
            this.model = model;
        }

        public M model() {
            return model;
        }

        @Override
        public void close() {
            release(this);
        }

        private void end() {
            kind.closer().accept(model);
        }
    }

    /** The model of a file's content. */
    @SuppressWarnings("unchecked") // the key has the kind
    public static <M extends AutoCloseable> Shared<M> use(Kind<M> kind, byte[] file, String device) {
        String key = kind.name() + " " + device + " " + hash(file);
        synchronized (MODELS) {
            Shared<M> shared = (Shared<M>) MODELS.remove(key);
            if (shared == null) {
                Device opened = DEVICES.computeIfAbsent(device, SharedModels::open);
                shared = new Shared<>(
                        key, kind, withFile(file, path -> kind.loader().apply(opened, path)));
            }
            MODELS.put(key, shared);
            shared.users++;
            return shared;
        }
    }

    private static void release(Shared<?> shared) {
        synchronized (MODELS) {
            shared.users--;
            long idle = MODELS.values().stream().filter(each -> each.users == 0).count();
            if (idle > MOST_IDLE) {
                Shared<?> oldest = MODELS.values().stream()
                        .filter(each -> each.users == 0)
                        .findFirst()
                        .orElseThrow();
                MODELS.remove(oldest.key);
                oldest.end();
            }
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // stays open as long as the executor runs
    private static Device open(String device) {
        return Devices.named(device);
    }

    /** What is read from a file that holds these bytes meanwhile. */
    public static <T> T withFile(byte[] file, Function<Path, T> reader) {
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
