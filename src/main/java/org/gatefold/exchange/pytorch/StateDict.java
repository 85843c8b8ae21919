package org.gatefold.exchange.pytorch;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.GatefoldFormat;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.exchange.OptionalLibrary;
import org.gatefold.exchange.SafetensorsFiles;
import org.gatefold.exchange.StoredTensor;
import org.gatefold.exchange.TensorFile;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.model.Model;
import org.gatefold.tensor.Shape;

/**
 * The weights of a PyTorch model, {@code model.state_dict()}, into a network of the same layers and out of one. Gates stand in the same
 * order there; the two biases of a recurrent layer are added on the way in, and the second is zeros on the way out (but for the candidate of
 * a GRU, which needs both).
 *
 * <p>Modules are found by the names of layers if there is one for each, else by order: each layer takes the first module left whose tensors
 * have the names and shapes of its own. A module is whatever stands before the last dot of a name. Stateless.
 */
public final class StateDict {
    static final String LIBRARY = "net.razorvine:pickle:1.5";

    private static final Pattern RECURRENT =
            Pattern.compile("((?:weight|bias)_(?:ih|hh|hr))(?:_l(\\d{1,4}))?(_reverse)?");

    private StateDict() {}

    /** The tensors of one module, or of one layer of a recurrent module, by their names behind that of the module. */
    private record Part(String module, int level, Map<String, StoredTensor> tensors) {
        boolean fits(Slot slot) {
            return tensors.keySet().equals(slot.tensors().keySet())
                    && tensors.entrySet().stream().allMatch(tensor -> tensor.getValue()
                            .has(slot.tensors().get(tensor.getKey())));
        }

        @Override
        public String toString() {
            return "'" + module + "' " + tensors.values();
        }
    }

    /**
     * Opens the tensors of a file: what {@code torch.save} wrote, a TorchScript archive, safetensors, or the index of several of these.
     *
     * @throws CheckpointException if the file cannot be read, or asks for more than tensors
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static TensorFile open(Path file) {
        return OptionalLibrary.with(LIBRARY, file, () -> opened(file));
    }

    @MustBeClosed
    private static TensorFile opened(Path file) throws IOException {
        byte[] head = ModelFormats.head(file);
        PyTorchFormat.requireArchive(file, head);
        return SafetensorsFiles.isIndex(file) || GatefoldFormat.isSafetensors(head)
                ? SafetensorsFiles.open(file)
                : TorchArchive.open(file);
    }

    /**
     * Writes the weights in a file to a model.
     *
     * @param modules of PyTorch's by the names of layers here; empty to find them by name, or by order and shape
     * @throws CheckpointException naming the first layer that nothing fits, or the tensors that no layer takes; nothing is written then
     */
    public static void load(Model model, Path file, Map<String, String> modules) {
        try (TensorFile tensors = open(file)) {
            load(model, tensors, modules);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** As {@link #load(Model, Path, Map)}, of tensors that were opened. */
    public static void load(Model model, TensorFile tensors, Map<String, String> modules) throws IOException {
        List<Slot> slots = Slot.of(model.layers(), model.parameters());
        List<Part> parts = parts(tensors.tensors());
        List<Part> chosen = choose(tensors.source(), slots, new ArrayList<>(parts), modules);
        // Level after level of one layer goes in with one call.
        for (int i = 0; i < slots.size(); ) {
            Slot slot = slots.get(i);
            int end = i + 1;
            if (slot.isRecurrent()) {
                while (end < slots.size() && slots.get(end).layer() == slot.layer()) {
                    end++;
                }
                List<float[]> arrays = new ArrayList<>();
                for (int k = i; k < end; k++) {
                    for (String name : slots.get(k).tensors().keySet()) {
                        arrays.add(chosen.get(k).tensors().get(name).values().get());
                    }
                }
                ((RecurrentLayer<?>) slot.layer()).setWeights(WeightLayout.PYTORCH, arrays.toArray(float[][]::new));
            } else {
                set(model.parameters(), slot, chosen.get(i));
            }
            i = end;
        }
        model.parameters().changed();
    }

    private static void set(ParameterStore parameters, Slot slot, Part part) throws IOException {
        int next = 0;
        for (String name : slot.tensors().keySet()) {
            float[] values = part.tensors().get(name).values().get();
            List<String> names = slot.parameters().get(next++);
            int each = values.length / names.size();
            for (int i = 0; i < names.size(); i++) {
                parameters.get(names.get(i)).set(Arrays.copyOfRange(values, i * each, (i + 1) * each));
            }
        }
    }

    private static List<Part> parts(List<StoredTensor> tensors) {
        Map<String, Part> parts = new LinkedHashMap<>();
        for (StoredTensor tensor : WeightNorm.folded(tensors)) {
            int dot = tensor.name().lastIndexOf('.');
            String module = dot < 0 ? "" : tensor.name().substring(0, dot);
            String ending = tensor.name().substring(dot + 1);
            if (ending.equals("num_batches_tracked")) {
                continue;
            }
            int level = 0;
            Matcher matcher = RECURRENT.matcher(ending);
            if (matcher.matches()) {
                level = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
                ending = matcher.group(1) + "_l0" + (matcher.group(3) == null ? "" : matcher.group(3));
            }
            int at = level;
            parts.computeIfAbsent(module + "\n" + level, key -> new Part(module, at, new LinkedHashMap<>()))
                    .tensors()
                    .put(ending, tensor);
        }
        return List.copyOf(parts.values());
    }

    /** The part for each slot; takes them out of those left. */
    private static List<Part> choose(String source, List<Slot> slots, List<Part> left, Map<String, String> modules) {
        modules.keySet().forEach(name -> {
            if (slots.stream().noneMatch(slot -> slot.name().equals(name))) {
                throw new CheckpointException(source + ": map: expected layers with weights, "
                        + slots.stream().map(Slot::name).distinct().toList() + ", got '" + name + "'");
            }
        });
        boolean byName = slots.stream().allMatch(slot -> left.stream()
                .anyMatch(part -> part.module().equals(module(slot, modules)) && part.level() == slot.level()));
        List<Part> chosen = new ArrayList<>();
        for (Slot slot : slots) {
            boolean named = byName || modules.containsKey(slot.name());
            Part found = left.stream()
                    .filter(part -> named
                            ? part.module().equals(module(slot, modules)) && part.level() == slot.level()
                            : part.fits(slot) && !isOf(part.module(), modules.values()))
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException(
                            source + ": nothing fits " + slot + (left.isEmpty() ? "" : "; left are " + left)));
            if (!found.fits(slot)) {
                throw new CheckpointException(source + ": " + found + " does not fit " + slot);
            }
            left.remove(found);
            chosen.add(found);
        }
        if (!left.isEmpty() && modules.isEmpty()) {
            throw new CheckpointException(source + ": holds tensors that no layer takes: " + left);
        }
        return chosen;
    }

    private static String module(Slot slot, Map<String, String> modules) {
        return slot.module(modules.getOrDefault(slot.name(), slot.name()));
    }

    /** Whether a module is one of these, or within one. */
    private static boolean isOf(String module, Collection<String> these) {
        return these.stream().anyMatch(one -> module.equals(one) || module.startsWith(one + "."));
    }

    /**
     * A model's weights as PyTorch's modules have them, named {@code LAYER.weight}, {@code LAYER.weight_ih_l0} and so on.
     *
     * @throws CheckpointException naming a layer whose weights PyTorch has no module for, or an option that its modules lack
     */
    public static List<Safetensors.Source> of(Model model) {
        List<Safetensors.Source> sources = new ArrayList<>();
        List<Slot> slots = Slot.of(model.layers(), model.parameters());
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            int next = 0;
            if (slot.isRecurrent()) {
                TorchOptions.require(slot);
                List<float[]> all = weights(slot);
                int each = slot.tensors().size();
                for (Map.Entry<String, Shape> tensor : slot.tensors().entrySet()) {
                    float[] values = all.get(slot.level() * each + next++);
                    String name = tensor.getKey().replace("_l0", "_l" + slot.level());
                    sources.add(new Safetensors.Source(slot.name() + "." + name, tensor.getValue(), () -> values));
                }
            } else {
                for (Map.Entry<String, Shape> tensor : slot.tensors().entrySet()) {
                    List<String> names = slot.parameters().get(next++);
                    sources.add(new Safetensors.Source(
                            slot.module(slot.name()) + "." + tensor.getKey(),
                            tensor.getValue(),
                            () -> joined(model.parameters(), names)));
                }
            }
        }
        return sources;
    }

    private static float[] joined(ParameterStore parameters, List<String> names) {
        float[] all = {};
        for (String name : names) {
            float[] values = parameters.get(name).value().toFloats();
            all = Arrays.copyOf(all, all.length + values.length);
            System.arraycopy(values, 0, all, all.length - values.length, values.length);
        }
        return all;
    }

    private static List<float[]> weights(Slot slot) {
        try {
            return ((RecurrentLayer<?>) slot.layer()).getWeights(WeightLayout.PYTORCH);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("layer '" + slot.name() + "': " + e.getMessage(), e);
        }
    }
}
