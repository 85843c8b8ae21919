package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.Safetensors;
import org.gatefold.model.ModelDescription;
import org.gatefold.model.Sequential;

/**
 * A model in one safetensors file: weights by parameter name, and in its metadata the layers and free text of the user's.
 *
 * <p>A file is replaced as a whole, so that a reader finds the old model or the new one. Stateless.
 */
public final class ModelFile {
    private static final String DESCRIPTION = "gatefold.model";
    private static final String USER = "user.";

    private ModelFile() {}

    /**
     * Writes a model.
     *
     * @param metadata free text by key, for instance the scaling of the data
     * @throws CheckpointException if it cannot be written; a file that was there before is untouched then
     */
    public static void save(Sequential model, Path file, Map<String, String> metadata) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(DESCRIPTION, Json.compact(Json.tree(model.description())));
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

    /**
     * Builds a model as it was saved.
     *
     * @throws CheckpointException if the file cannot be read or is no such model
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed below if its weights cannot be read
    public static Sequential load(Device device, Path file) {
        try (Safetensors tensors = open(file)) {
            ModelDescription description = Json.parse(text(file, tensors), ModelDescription.class);
            Sequential model = Sequential.fromDescription(device, description);
            try {
                restore(tensors, model);
                return model;
            } catch (IOException | RuntimeException e) {
                model.close();
                throw e;
            }
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + FileException.reason(e), e);
        } catch (JsonParseException | IllegalArgumentException | NullPointerException e) {
            throw new CheckpointException(
                    "model " + file + ": its description is damaged: " + FileException.reason(e), e);
        }
    }

    /**
     * Writes a saved model's weights to a model with the same layers.
     *
     * @throws CheckpointException if the file cannot be read, or naming the first difference if it is of another model
     */
    public static void loadWeights(Sequential model, Path file) {
        try (Safetensors tensors = open(file)) {
            JsonElement saved = Json.parse(text(file, tensors), JsonElement.class);
            if (saved instanceof JsonObject description) {
                description.remove("seed");
            }
            Weights.requireSameModel(
                    "model " + file, Weights.description(model), saved, model.parameters(), tensors, "");
            restore(tensors, model);
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + FileException.reason(e), e);
        } catch (JsonParseException e) {
            throw new CheckpointException(
                    "model " + file + ": its description is damaged: " + FileException.reason(e), e);
        }
    }

    /**
     * The free text that was saved with a model.
     *
     * @throws CheckpointException if the file cannot be read
     */
    public static Map<String, String> metadata(Path file) {
        try (Safetensors tensors = open(file)) {
            Map<String, String> texts = new LinkedHashMap<>();
            tensors.metadata().forEach((key, value) -> {
                if (key.startsWith(USER)) {
                    texts.put(key.substring(USER.length()), value);
                }
            });
            return texts;
        } catch (CheckpointException e) {
            throw e;
        } catch (FileException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException("model " + file + ": cannot be read: " + FileException.reason(e), e);
        }
    }

    @MustBeClosed
    private static Safetensors open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException("model " + file + ": no such file");
        }
        return Safetensors.open(file);
    }

    private static String text(Path file, Safetensors tensors) {
        String text = tensors.metadata().get(DESCRIPTION);
        if (text == null) {
            throw new CheckpointException("model " + file + ": holds tensors, but no description of a Gatefold model");
        }
        return text;
    }

    private static void restore(Safetensors tensors, Sequential model) throws IOException {
        Weights.restore(tensors, "", model.parameters(), model.parameters().values());
        model.parameters().changed();
    }
}
