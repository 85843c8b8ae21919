package org.gatefold.exchange.keras;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.TensorFile;
import org.gatefold.file.Archive;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.StoredType;

/**
 * An open file of Keras': a {@code .keras} archive, an {@code .h5} file of a whole model or of weights, by Keras 1 to 3. Gives the description
 * where there is one, and the weights layer by layer. Owns the open file. One thread at a time.
 */
final class KerasFile implements TensorFile {
    static final String CONFIG = "config.json";
    static final String METADATA = "metadata.json";
    static final String WEIGHTS = "model.weights.h5";

    private static final int MOST_CONFIG_BYTES = 64 << 20;
    private static final int DEEPEST = 32;

    /** Where Keras 3, and TensorFlow's Keras since 2.12, put layers. */
    private static final List<String> CONTAINERS = List.of("layers", "_layer_checkpoint_dependencies");

    /** Where a layer keeps the one that it wraps. */
    private static final String WRAPPED = "layer";

    /** The order in which Keras lists the weights of a layer that has others in it. */
    private static final List<String> PARTS = List.of(
            "vars",
            "cell",
            "forward_layer",
            "backward_layer",
            WRAPPED,
            "query_dense",
            "key_dense",
            "value_dense",
            "output_dense");

    private final String source;
    private final HdfFile file;
    private final JsonObject config;
    private final KerasVersion version;

    /** By what the file calls the layers, in the order of the file. */
    private final Map<String, List<StoredTensor>> layers = new LinkedHashMap<>();

    private boolean byClass;

    private KerasFile(String source, HdfFile file, JsonObject config, String version) {
        this.source = source;
        this.file = file;
        this.config = config;
        this.version = KerasVersion.of(version);
    }

    /**
     * Opens a file and lists its weights.
     *
     * @throws FileException if it is damaged
     * @throws IOException if it cannot be read
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here
    static KerasFile open(Path path, byte[] head) throws IOException {
        String source = path.toString();
        try {
            if (head.length > 1 && head[0] == 'P' && head[1] == 'K') {
                try (Archive archive = Archive.open(path)) {
                    JsonObject config = parse(source, text(archive.bytes(CONFIG, MOST_CONFIG_BYTES)));
                    JsonObject about = archive.contains(METADATA)
                            ? parse(source, text(archive.bytes(METADATA, MOST_CONFIG_BYTES)))
                            : new JsonObject();
                    String version = about.has("keras_version")
                            ? about.get("keras_version").getAsString()
                            : "3";
                    return new KerasFile(source, HdfFile.fromBytes(archive.bytes(WEIGHTS)), config, version).listed();
                }
            }
            HdfFile file = HdfFile.fromByteBuffer(content(path));
            boolean complete = false;
            try {
                Attribute described = file.getAttribute("model_config");
                JsonObject config = described == null ? null : parse(source, String.valueOf(described.getData()));
                KerasFile opened = new KerasFile(source, file, config, version(file)).listed();
                complete = true;
                return opened;
            } finally {
                if (!complete) {
                    file.close();
                }
            }
        } catch (FileException e) {
            throw e;
        } catch (RuntimeException e) {
            throw damaged(source, e);
        } catch (OutOfMemoryError | StackOverflowError e) {
            // The library believes what a file says of sizes and of what is within what.
            throw new FileException(source, "", "is damaged, or asks for more memory than there is", e);
        }
    }

    /** In memory, or mapped where long, so that the library takes no memory of its own before it reads. */
    private static ByteBuffer content(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                throw new FileException(path.toString(), "", "has 2 GiB or more of HDF5", null);
            }
            return size <= Runtime.getRuntime().maxMemory() / 4
                    ? ByteBuffer.wrap(Files.readAllBytes(path))
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
        }
    }

    private static String version(HdfFile file) {
        Attribute version = file.getAttribute("keras_version");
        return version == null ? "2" : String.valueOf(version.getData());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static JsonObject parse(String source, String text) {
        try {
            return Json.parse(text, JsonObject.class);
        } catch (RuntimeException e) {
            throw new FileException(source, CONFIG, "is no JSON: " + FileException.reason(e), e);
        }
    }

    /** The library throws what it comes upon. */
    private static FileException damaged(String source, RuntimeException e) {
        return new FileException(source, "", "is damaged, or no file of Keras': " + FileException.reason(e), e);
    }

    private KerasFile listed() {
        Group root = file.getChild("model_weights") instanceof Group weights ? weights : file;
        Group container = container(root);
        if (container != null) {
            byClass = true;
            list("", container, 0);
            return this;
        }
        for (String layer : texts(root, "layer_names")) {
            List<StoredTensor> found = new ArrayList<>();
            if (root.getChild(layer) instanceof Group group) {
                for (String name : texts(group, "weight_names")) {
                    if (group.getByPath(name) instanceof Dataset dataset) {
                        found.add(tensor(name, dataset));
                    }
                }
            }
            layers.put(layer, found);
        }
        return this;
    }

    /** The group of the layers of a model; null if there is none. */
    private static Group container(Node model) {
        for (String name : CONTAINERS) {
            if (model instanceof Group group && group.getChild(name) instanceof Group container) {
                return container;
            }
        }
        return null;
    }

    /** Lists the layers of a model, and those of models that stand in the place of one or are what a layer wraps. */
    private void list(String prefix, Group container, int depth) {
        if (depth > DEEPEST) {
            throw new FileException(source, prefix, "is nested too deeply", null);
        }
        container.getChildren().forEach((layer, node) -> {
            String name = prefix + layer;
            Group inner = container(node);
            if (inner != null) {
                list(name + "/", inner, depth + 1);
            } else if (node instanceof Group group) {
                Group wrapped = container(group.getChild(WRAPPED));
                if (wrapped != null) {
                    list(name + "/" + WRAPPED + "/", wrapped, depth + 1);
                } else {
                    List<StoredTensor> found = new ArrayList<>();
                    collect(name, group, 0, found);
                    layers.put(name, found);
                }
            }
        });
    }

    /** A list of names; Keras cuts long ones into several attributes, and the library gives null for empty ones. */
    private static List<String> texts(Group group, String name) {
        List<String> all = new ArrayList<>();
        Attribute whole = group.getAttribute(name);
        for (int i = 0; whole != null || group.getAttribute(name + i) != null; i++) {
            Attribute part = whole == null ? group.getAttribute(name + i) : whole;
            if (part.getData() instanceof Object[] texts) {
                Arrays.stream(texts).map(String::valueOf).forEach(all::add);
            }
            if (whole != null) {
                break;
            }
        }
        return all;
    }

    /** The variables of a layer of Keras 3's: its own, then those of what is in it. */
    private void collect(String path, Group group, int depth, List<StoredTensor> into) {
        if (depth > DEEPEST) {
            throw new FileException(source, path, "is nested too deeply", null);
        }
        Map<String, Node> children = group.getChildren();
        for (String part : PARTS) {
            // Keras 2 has the fields' own names.
            Node child = children.containsKey(part) ? children.get(part) : children.get("_" + part);
            if (child instanceof Group inner) {
                if (part.equals("vars")) {
                    inner.getChildren().entrySet().stream()
                            .filter(entry -> entry.getKey().matches("[0-9]{1,6}"))
                            .sorted(Comparator.comparingInt(entry -> Integer.parseInt(entry.getKey())))
                            .forEach(entry -> {
                                if (entry.getValue() instanceof Dataset dataset) {
                                    into.add(tensor(path + "/" + entry.getKey(), dataset));
                                }
                            });
                } else {
                    collect(path + "/" + part, inner, depth + 1, into);
                }
            }
        }
    }

    private StoredTensor tensor(String name, Dataset dataset) {
        List<Long> shape = Arrays.stream(dataset.getDimensionsAsLong()).boxed().toList();
        return new StoredTensor(name, type(dataset.getJavaType(), dataset), shape, () -> {
            try {
                return floats(name, dataset);
            } catch (FileException e) {
                throw e;
            } catch (RuntimeException e) {
                throw damaged(source, e);
            }
        });
    }

    private static StoredType type(Class<?> type, Dataset dataset) {
        if (type == float.class) {
            return dataset.getDataType().getSize() == Short.BYTES ? StoredType.F16 : StoredType.F32;
        }
        return type == double.class ? StoredType.F64 : type == int.class ? StoredType.I32 : StoredType.I64;
    }

    private float[] floats(String name, Dataset dataset) {
        Object data = dataset.getDataFlat();
        if (data instanceof float[] floats) {
            return floats;
        }
        if (data instanceof double[] doubles) {
            float[] values = new float[doubles.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) doubles[i];
            }
            return values;
        }
        throw new FileException(source, name, "expected numbers with fractions, got " + dataset.getJavaType(), null);
    }

    /** The description of the model; null if the file holds weights alone. */
    JsonObject config() {
        return config;
    }

    /** The version of Keras that wrote it. */
    KerasVersion version() {
        return version;
    }

    /** The weights by layers, empty lists for those without, in the order of the file. */
    Map<String, List<StoredTensor>> layers() {
        return layers;
    }

    /** The weights of a layer; none if the file has none for it. */
    List<StoredTensor> weights(KerasGraph.Group group) {
        List<StoredTensor> found = layers.getOrDefault(byClass ? group.byClass() : group.byName(), List.of());
        return byClass || group.inner() == null
                ? found
                : found.stream()
                        .filter(tensor -> within(tensor.name(), group.inner()))
                        .toList();
    }

    /** Whether a weight of a model within another is of a layer: {@code head/dense/kernel} is of {@code dense}. */
    private static boolean within(String name, String layer) {
        List<String> parts = List.of(name.split("/"));
        return parts.subList(0, parts.size() - 1).contains(layer);
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<StoredTensor> tensors() {
        return layers.values().stream().flatMap(List::stream).toList();
    }

    @Override
    public void close() {
        file.close();
    }
}
