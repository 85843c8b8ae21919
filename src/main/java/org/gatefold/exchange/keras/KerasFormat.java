package org.gatefold.exchange.keras;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.exchange.OptionalLibrary;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.Weights;
import org.gatefold.file.Archive;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/**
 * Models of Keras', by Keras 2 and 3: {@code .keras} archives, HDF5 files of whole models, and HDF5 files of weights for a network that is
 * described here. HDF5 is read by {@code io.jhdf:jhdf}.
 */
public final class KerasFormat implements ModelFormat {
    static final String LIBRARY = "io.jhdf:jhdf:0.13.0";

    private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

    /** Work on an open file. */
    @FunctionalInterface
    private interface Work<V> {
        V of(KerasFile file) throws IOException;
    }

    @Override
    public String name() {
        return "keras";
    }

    @Override
    public String title() {
        return "a Keras model";
    }

    @Override
    public List<String> endings() {
        return List.of(".keras");
    }

    @Override
    public boolean recognises(Path file, byte[] head) {
        if (startsWith(head, HDF5)) {
            return true;
        }
        if (!startsWith(head, new byte[] {'P', 'K', 3, 4})) {
            return false;
        }
        if (String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".keras")) {
            return true;
        }
        try (Archive archive = Archive.open(file)) {
            return archive.contains("config.json") && archive.contains("model.weights.h5");
        } catch (FileException | IOException e) {
            return false;
        }
    }

    private static boolean startsWith(byte[] head, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (i >= head.length || head[i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private static <V> V with(Path file, Work<V> work) {
        return OptionalLibrary.with(LIBRARY, file, () -> {
            try (KerasFile opened = KerasFile.open(file, ModelFormats.head(file))) {
                return work.of(opened);
            }
        });
    }

    @Override
    public String describe(Path file) {
        return with(
                file,
                opened -> opened.config() == null
                        ? opened.describe()
                        : read(opened).network().summary());
    }

    private static KerasGraph.Read read(KerasFile file) {
        if (file.config() == null) {
            throw new CheckpointException(
                    file.source() + ": holds weights alone, and not the layers; name a network that takes them");
        }
        return KerasGraph.read(file.source(), file.config(), file.version());
    }

    @Override
    public Network network(Path file) {
        return with(file, opened -> read(opened).network());
    }

    @Override
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Model load(Device device, Path file) {
        return with(file, opened -> {
            KerasGraph.Read read = read(opened);
            return Weights.filled(read.network().on(device).build(), model -> {
                Map<Layer, List<StoredTensor>> arrays = new LinkedHashMap<>();
                for (Layer layer : model.layers()) {
                    if (KerasArrays.hasWeights(layer, model.parameters())) {
                        arrays.put(layer, opened.weights(read.groups().get(layer.name())));
                    }
                }
                write(opened.source(), model, arrays);
            });
        });
    }

    @Override
    public void save(Model model, Path file, Map<String, String> metadata) {
        OptionalLibrary.with(LIBRARY, file, () -> {
            AtomicFile.write(file, out -> KerasExport.write(model, file.toString(), out));
            return file;
        });
    }

    private static void write(String source, Model model, Map<Layer, List<StoredTensor>> arrays) throws IOException {
        List<Runnable> writers = new ArrayList<>();
        for (Map.Entry<Layer, List<StoredTensor>> entry : arrays.entrySet()) {
            writers.add(KerasArrays.prepare(source, entry.getKey(), model.parameters(), entry.getValue()));
        }
        writers.forEach(Runnable::run);
        model.parameters().changed();
    }

    @Override
    public void loadWeights(Model model, Path file) {
        loadWeights(model, file, Map.of());
    }

    /** Layers are found by their names if each has its weights under one, else by order. */
    @Override
    public void loadWeights(Model model, Path file, Map<String, String> names) {
        with(file, opened -> {
            List<Layer> layers = model.layers().stream()
                    .filter(layer -> KerasArrays.hasWeights(layer, model.parameters()))
                    .toList();
            Map<String, List<StoredTensor>> left = new LinkedHashMap<>(opened.layers());
            left.values().removeIf(List::isEmpty);
            names.keySet().forEach(name -> {
                if (layers.stream().noneMatch(layer -> layer.name().equals(name))) {
                    throw new CheckpointException(file + ": map: expected layers with weights, "
                            + layers.stream().map(Layer::name).toList() + ", got '" + name + "'");
                }
            });
            boolean named =
                    layers.stream().allMatch(layer -> left.containsKey(names.getOrDefault(layer.name(), layer.name())));
            Map<Layer, List<StoredTensor>> arrays = new LinkedHashMap<>();
            for (Layer layer : layers) {
                String group = named || names.containsKey(layer.name())
                        ? names.getOrDefault(layer.name(), layer.name())
                        : left.keySet().stream()
                                .filter(key -> !names.containsValue(key))
                                .findFirst()
                                .orElse("");
                List<StoredTensor> found = left.remove(group);
                if (found == null) {
                    throw new CheckpointException(file + ": layer '" + layer.name()
                            + "': found no weights for it; left are " + left.keySet());
                }
                arrays.put(layer, found);
            }
            if (!left.isEmpty() && names.isEmpty()) {
                throw new CheckpointException(file + ": holds weights that no layer takes: " + left.keySet());
            }
            write(opened.source(), model, arrays);
            return file;
        });
    }
}
