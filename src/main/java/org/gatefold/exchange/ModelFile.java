package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.gatefold.device.Device;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/**
 * A model in one safetensors file: weights by parameter name, and in its metadata the layers and free text of the user's.
 *
 * <p>A file is replaced as a whole, so that a reader finds the old model or the new one. Stateless.
 */
public final class ModelFile {
    private static final String DESCRIPTION = "gatefold.model";
    private static final String USER = "user.";

    /** Room for 10,000 layers. */
    private static final int MOST_CHARACTERS = 4 << 20;

    private ModelFile() {}

    /**
     * Writes a model.
     *
     * @param metadata free text by key, for instance the scaling of the data
     * @throws CheckpointException if it cannot be written; a file that was there before is untouched then
     */
    public static void save(Model model, Path file, Map<String, String> metadata) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(DESCRIPTION, writable(model, file));
        metadata.forEach((key, value) -> texts.put(USER + key, value));
        List<Safetensors.Source> sources = new Weights.Entries(model.parameters())
                .add("", model.parameters().values())
                .list();
        try {
            AtomicFile.write(file, out -> Safetensors.write(out, texts, sources));
        } catch (IOException e) {
            throw new CheckpointException(
                    "model " + file + ": cannot be written: " + FileException.reason(e)
                            + (Files.exists(file) ? "; the file that was there is intact" : ""),
                    e);
        }
    }

    private static String writable(Model model, Path file) {
        JsonObject description =
                NetworkJson.writeReadable("model " + file, model.network().description());
        String text = Json.compact(description);
        requireLength(file, text);
        return text;
    }

    private static void requireLength(Path file, String description) {
        if (description.length() > MOST_CHARACTERS) {
            String problem = String.format(
                    Locale.ROOT,
                    "its description has %,d characters; expected at most %,d",
                    description.length(),
                    MOST_CHARACTERS);
            throw new CheckpointException("model " + file + ": " + problem);
        }
    }

    /**
     * Builds a model as it was saved. Names and shapes of its parameters are compared with the file's before memory is taken
     * for any, and no first weights are drawn.
     *
     * @throws CheckpointException if the file cannot be read or is no such model
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static Model load(Device device, Path file) {
        return read(file, tensors -> network(file, tensors)
                .on(device)
                .weights(parameters -> restore(tensors, parameters))
                .build());
    }

    /**
     * What a saved model is, without its weights: no device is opened and no memory taken for them.
     *
     * @throws CheckpointException if the file cannot be read or is no such model
     */
    public static Network network(Path file) {
        return read(file, tensors -> network(file, tensors));
    }

    /**
     * Writes a saved model's weights to a model with the same layers.
     *
     * @throws CheckpointException if the file cannot be read, or naming the first difference if it is of another model
     */
    public static void loadWeights(Model model, Path file) {
        read(file, tensors -> {
            described(file, () -> {
                Weights.requireSameModel("model " + file, model, description(file, tensors), tensors, "");
                return model;
            });
            restore(tensors, model.parameters());
            model.parameters().changed();
            return model;
        });
    }

    /**
     * The free text that was saved with a model.
     *
     * @throws CheckpointException if the file cannot be read
     */
    public static Map<String, String> metadata(Path file) {
        return read(file, tensors -> {
            Map<String, String> texts = new LinkedHashMap<>();
            tensors.metadata().forEach((key, value) -> {
                if (key.startsWith(USER)) {
                    texts.put(key.substring(USER.length()), value);
                }
            });
            return texts;
        });
    }

    private static <V> V read(Path file, Function<Safetensors, V> reader) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException("model " + file + ": no such file");
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            return reader.apply(tensors);
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + FileException.reason(e), e);
        } catch (UncheckedIOException e) {
            throw new CheckpointException(
                    "model " + file + ": cannot be read: " + FileException.reason(e.getCause()), e);
        }
    }

    private static Network network(Path file, Safetensors tensors) {
        return described(file, () -> {
            Network network = Network.of(NetworkJson.read(description(file, tensors)), tensors::require);
            Weights.requireNoOthers(tensors, "", network.parameters().keySet());
            return network;
        });
    }

    /** What a description asks for may be anything, and so may what layers of a program's own say to it. */
    private static <V> V described(Path file, Supplier<V> reader) {
        try {
            return reader.get();
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw damaged(file, e.problem(), e);
        } catch (RuntimeException e) {
            throw damaged(file, FileException.reason(e), e);
        }
    }

    private static CheckpointException damaged(Path file, String problem, RuntimeException cause) {
        return new CheckpointException("model " + file + ": is damaged: " + problem, cause);
    }

    /** Whether a file says that it is a model, rather than tensors alone. */
    static boolean isDescribed(Safetensors tensors) {
        return tensors.metadata().containsKey(DESCRIPTION);
    }

    private static JsonFields description(Path file, Safetensors tensors) {
        String text = tensors.metadata().get(DESCRIPTION);
        if (text == null) {
            throw new CheckpointException("model " + file + ": holds tensors, but no description of a Gatefold model");
        }
        requireLength(file, text);
        return JsonFields.parse(file.toString(), text);
    }

    private static void restore(Safetensors tensors, ParameterStore parameters) {
        try {
            Weights.restore(tensors, "", parameters, parameters.values());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
