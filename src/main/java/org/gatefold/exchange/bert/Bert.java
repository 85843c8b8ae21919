package org.gatefold.exchange.bert;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.OptionalLibrary;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.TensorFile;
import org.gatefold.exchange.pytorch.StateDict;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.form.TimeSlice;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;

/**
 * A folder that holds an encoder of the BERT family as Hugging Face's libraries save one: {@code config.json}, {@code model.safetensors} or
 * {@code pytorch_model.bin}, beside the files of a tokenizer, which {@code PretrainedTokenizer} reads.
 *
 * <p>{@link #load} gives it whole. To put it under layers of one's own, begin a network with {@link BertConfig#layers}, build the model, and
 * {@link #writeWeights}; {@code parameters.freeze("encoder")} leaves it as it is. Immutable; files are read when they are asked for, and must
 * not change before.
 */
public final class Bert {
    /** What {@link #load} reads: ids of pieces. */
    public static final String IDS = "input_ids";

    /** What it reads beside them if the encoder tells texts apart: their types. */
    public static final String TYPE_IDS = "token_type_ids";

    /** What it gives for each piece. */
    public static final String STEPS = "last_hidden_state";

    /** What it gives for the whole, where the files have the layer for that: an affine map of the first step, and tanh. */
    public static final String POOLED = "pooler_output";

    static final String TYPES = "encoder_types";
    static final String POOLER = "encoder_pooler";

    static final String CONFIG = "config.json";

    private static final List<String> WEIGHTS =
            List.of("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin");
    private static final int MOST_CONFIG_BYTES = 4 << 20;
    private static final float DROPOUT = 0.1f;

    private final Path folder;
    private final BertConfig config;

    private Bert(Path folder, BertConfig config) {
        this.folder = folder;
        this.config = config;
    }

    /**
     * Reads {@code config.json} of a folder.
     *
     * @throws CheckpointException if it is missing, or says something that is not known here
     */
    public static Bert read(Path folder) {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(folder + ": expected a folder with " + CONFIG + ", found none");
        }
        return OptionalLibrary.with(
                "", file, () -> new Bert(folder, BertConfig.of(JsonFields.read(file, MOST_CONFIG_BYTES))));
    }

    /**
     * The whole encoder of a folder: of ids {@value #IDS}, and of types {@value #TYPE_IDS} where it has any, it gives {@value #STEPS}, and
     * {@value #POOLED} where it has the layer for that.
     *
     * @throws CheckpointException naming the file, and the field or tensor that is missing or does not fit
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static Model load(Device device, Path folder) {
        Bert bert = read(folder);
        return bert.network().on(device).weights(bert::writeWeights).build();
    }

    /** What it is made of. */
    public BertConfig config() {
        return config;
    }

    /** The file that the weights are in. */
    private Path weights() {
        return WEIGHTS.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new CheckpointException(folder + ": expected one of " + WEIGHTS + ", found none"));
    }

    /** The files of configuration and weights. */
    public List<Path> files() {
        return List.of(folder.resolve(CONFIG), weights());
    }

    /** The network that {@link #load} makes a model of; looks for names of tensors in the files. */
    public Network network() {
        boolean pooled;
        try (TensorFile file = open()) {
            pooled = tensors(file).containsKey(BertNames.POOLER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Graph.Builder graph = Graph.builder();
        Graph.Node ids = graph.input(IDS, Form.tokens());
        Graph.Node types = config.types() > 1 ? graph.input(TYPE_IDS, Form.tokens()) : null;
        Graph.Node x = graph.layer(config.places(), graph.layer(config.words(), ids));
        if (types != null) {
            x = graph.add(
                    x,
                    graph.layer(Embedding.of(config.types(), config.embedded()).named(TYPES), types));
        }
        for (Layer layer : config.behindSum(DROPOUT)) {
            x = graph.layer(layer, x);
        }
        graph.output(STEPS, x);
        if (pooled) {
            Graph.Node first = graph.layer(TimePooling.last(), graph.layer(TimeSlice.first(1), x));
            first = graph.layer(Linear.of(config.features()).named(POOLER), first);
            graph.output(POOLED, graph.layer(ActivationLayer.of(Activation.TANH), first));
        }
        return graph.build();
    }

    /**
     * Writes the weights of an encoder's layers; other layers are left as they are. Nothing is written before all are seen to fit.
     *
     * @param parameters of a model with {@link BertConfig#layers}, or of {@link #network()}
     * @throws CheckpointException naming the file and the tensor that is missing or of another shape
     */
    public void writeWeights(ParameterStore parameters) {
        Map<String, Parameter> present = new LinkedHashMap<>();
        parameters.list().forEach(parameter -> present.put(parameter.name(), parameter));
        Map<String, String> names = BertNames.of(config);
        requireOurs(present, names);
        try (TensorFile file = open()) {
            Map<String, StoredTensor> tensors = tensors(file);
            Map<Parameter, StoredTensor> wanted = new LinkedHashMap<>();
            names.forEach((here, there) -> {
                Parameter parameter = present.get(here);
                if (parameter != null) {
                    wanted.put(parameter, fitting(file.source(), tensors, there, shape(parameter)));
                }
            });
            boolean folded = config.types() > 0 && !present.containsKey(TYPES + ".w");
            StoredTensor types = folded
                    ? fitting(file.source(), tensors, BertNames.TYPES, List.of((long) config.types(), (long)
                            config.embedded()))
                    : null;
            for (Map.Entry<Parameter, StoredTensor> one : wanted.entrySet()) {
                float[] values = one.getValue().values().get();
                if (folded && one.getKey().name().equals(BertConfig.PLACES + ".w")) {
                    addFirst(types.values().get(), values);
                }
                one.getKey().set(values);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireOurs(Map<String, Parameter> present, Map<String, String> names) {
        if (!present.containsKey(BertConfig.WORDS + ".w")) {
            throw new CheckpointException(
                    folder + ": expected a network with the layers of an encoder, got one with " + present.keySet());
        }
        for (String name : present.keySet()) {
            if (name.startsWith(BertConfig.ENCODER) && !names.containsKey(name)) {
                throw new CheckpointException(
                        folder + ": expected a network with " + config.layers() + " layers, got one with " + name);
            }
        }
    }

    /** Adds the first of some vectors to each of others. */
    private void addFirst(float[] types, float[] places) {
        for (int i = 0; i < places.length; i++) {
            places[i] += types[i % config.embedded()];
        }
    }

    private static List<Long> shape(Parameter parameter) {
        return Arrays.stream(parameter.shape().toArray())
                .mapToObj(Long::valueOf)
                .toList();
    }

    private static StoredTensor fitting(
            String source, Map<String, StoredTensor> tensors, String name, List<Long> shape) {
        StoredTensor tensor = tensors.getOrDefault(name, tensors.get(BertNames.formerly(name)));
        if (tensor == null) {
            throw new CheckpointException(source, name, "is missing", null);
        }
        if (!tensor.shape().equals(shape)) {
            throw new CheckpointException(
                    source, name, "expected " + shape + ", as " + CONFIG + " says, got " + tensor.shape(), null);
        }
        return tensor;
    }

    /** The tensors of the encoder, without what stands before their names where it is a part of a model with more layers. */
    private static Map<String, StoredTensor> tensors(TensorFile file) {
        List<String> prefixes = file.tensors().stream()
                .map(StoredTensor::name)
                .filter(name -> name.equals(BertNames.WORDS) || name.endsWith("." + BertNames.WORDS))
                .map(name -> name.substring(0, name.length() - BertNames.WORDS.length()))
                .toList();
        if (prefixes.size() != 1) {
            throw new CheckpointException(
                    file.source(),
                    "",
                    "expected one tensor whose name ends with '" + BertNames.WORDS + "', found " + prefixes.size(),
                    null);
        }
        String prefix = prefixes.get(0);
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (StoredTensor tensor : file.tensors()) {
            if (tensor.name().startsWith(prefix)) {
                tensors.put(tensor.name().substring(prefix.length()), tensor);
            }
        }
        return tensors;
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    private TensorFile open() {
        return StateDict.open(weights());
    }
}
