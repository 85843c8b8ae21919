package org.gatefold.exchange.deeplearning4j;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.OptionalLibrary;
import org.gatefold.exchange.Weights;
import org.gatefold.file.Archive;
import org.gatefold.file.JsonFields;
import org.gatefold.file.StoredType;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/**
 * A model that Deeplearning4j's {@code ModelSerializer} wrote: a zip with {@code configuration.json}, the numbers in {@code coefficients.bin},
 * and perhaps what its data was normalised by. The state of its updater is not read. Holds the numbers in memory; immutable.
 */
public final class DeepLearning4jModel {
    static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    private static final String NORMALIZER = "normalizer.bin";
    private static final long MOST_CONFIGURATION = 64L << 20;

    private final String source;
    private final GraphReader.Read read;
    private final StoredType type;
    private final float[] values;
    private final Normalizer normalizer;

    private DeepLearning4jModel(String source, GraphReader.Read read, Nd4jArray numbers, Normalizer normalizer) {
        this.source = source;
        this.read = read;
        this.type = numbers.type();
        this.values = numbers.values();
        this.normalizer = normalizer;
    }

    /**
     * Reads a file.
     *
     * @throws CheckpointException naming what is not known, or what does not fit
     */
    public static DeepLearning4jModel read(Path file) {
        return read(file, Map.of());
    }

    /**
     * Reads a file whose inputs are of forms that are said: Deeplearning4j writes down no size of images, and none of inputs that no layer reads.
     *
     * @param inputs by name; of a network with one input {@link Model#INPUT}
     * @throws CheckpointException naming what is not known, or what does not fit
     */
    public static DeepLearning4jModel read(Path file, Map<String, Form> inputs) {
        return OptionalLibrary.with("", file, () -> {
            try (Archive archive = Archive.open(file)) {
                String source = file.toString();
                GraphReader.Read read = description(archive, source, inputs);
                Nd4jArray numbers = coefficients(archive, source);
                requireAll(source, read, numbers.values().length);
                return new DeepLearning4jModel(source, read, numbers, normalizer(archive, source));
            }
        });
    }

    private static GraphReader.Read description(Archive archive, String source, Map<String, Form> inputs)
            throws IOException {
        String text = new String(archive.bytes(CONFIGURATION, MOST_CONFIGURATION), StandardCharsets.UTF_8);
        JsonFields fields = JsonFields.parse(source + ": entry '" + CONFIGURATION + "'", text);
        return GraphReader.read(source, fields.tree(), inputs);
    }

    /** A network without parameters has an empty entry, or none. */
    private static Nd4jArray coefficients(Archive archive, String source) throws IOException {
        if (!archive.contains(COEFFICIENTS) || archive.size(COEFFICIENTS) == 0) {
            return new Nd4jArray(StoredType.F32, new float[0]);
        }
        return new Nd4jArray.Source(source, COEFFICIENTS, archive.bytes(COEFFICIENTS)).next();
    }

    private static void requireAll(String source, GraphReader.Read read, int numbers) {
        long at = 0;
        for (LayerWeights layer : read.weights()) {
            at += layer.count();
            if (at > numbers) {
                throw new CheckpointException(String.format(
                        Locale.ROOT,
                        "%s: layer '%s': takes %,d numbers, up to the %,dth of %s, which has %,d",
                        source,
                        layer.name(),
                        layer.count(),
                        at,
                        COEFFICIENTS,
                        numbers));
            }
        }
        if (at < numbers) {
            throw new CheckpointException(String.format(
                    Locale.ROOT,
                    "%s: %s has %,d numbers, of which the layers take %,d",
                    source,
                    COEFFICIENTS,
                    numbers,
                    at));
        }
    }

    private static Normalizer normalizer(Archive archive, String source) throws IOException {
        return archive.contains(NORMALIZER) ? Normalizer.read(source, NORMALIZER, archive.bytes(NORMALIZER)) : null;
    }

    /** The layers of a file alone, its numbers not read. */
    static Network network(Path file) {
        return OptionalLibrary.with("", file, () -> {
            try (Archive archive = Archive.open(file)) {
                return description(archive, file.toString(), Map.of()).network();
            }
        });
    }

    /** Its layers. */
    public Network network() {
        return read.network();
    }

    /** What data is brought to before the model reads it; the network does not do it. Empty if the file says none. */
    public Optional<Normalizer> normalizer() {
        return Optional.ofNullable(normalizer);
    }

    /** The model, with its weights, on a device; layers that are frozen there are frozen. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Model load(Device device) {
        return Weights.filled(read.network().on(device).build(), model -> {
            int at = 0;
            for (LayerWeights layer : read.weights()) {
                int end = at + (int) layer.count();
                layer.write().accept(model, Arrays.copyOfRange(values, at, end));
                at = end;
            }
            model.parameters().changed();
        });
    }

    /** Layers, how numbers stand there, and what the data was normalised by. */
    String describe() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d numbers of %s in %s",
                values.length,
                type.name().toLowerCase(Locale.ROOT),
                COEFFICIENTS));
        if (normalizer != null) {
            lines.add("data normalised by " + normalizer + ", which the layers do not do");
        }
        return read.network().summary() + String.join("\n", lines) + "\n";
    }

    @Override
    public String toString() {
        return source;
    }
}
