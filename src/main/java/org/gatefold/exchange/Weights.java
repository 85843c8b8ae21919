package org.gatefold.exchange;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Tensor;

/** Parameters, and flat tensors laid out like them, as entries of a safetensors file. Stateless. */
public final class Weights {
    private Weights() {}

    /** The model without its weights, as far as it can tell; its seed does not matter once there are weights. */
    public static JsonObject description(Model model) {
        if (!(model instanceof Sequential sequential)) {
            return new JsonObject();
        }
        JsonObject description = Json.tree(sequential.description()).getAsJsonObject();
        description.remove("seed");
        return description;
    }

    /**
     * Flat tensors of a store's layout as entries of a file, one per parameter. Each is downloaded in one copy when its turn
     * to be written comes, all to the same host memory. One thread.
     */
    public static final class Entries {
        private final ParameterStore parameters;
        private final List<Safetensors.Source> sources = new ArrayList<>();
        private float[] values = {};
        private Tensor downloaded;

        public Entries(ParameterStore parameters) {
            this.parameters = parameters;
        }

        /** Adds one entry per parameter, whose name is that of the parameter behind a prefix. */
        public Entries add(String prefix, Tensor flat) {
            for (Parameter parameter : parameters.list()) {
                sources.add(new Safetensors.Source(
                        prefix + parameter.name(), parameter.shape(), () -> part(parameter, flat)));
            }
            return this;
        }

        private float[] part(Parameter parameter, Tensor flat) {
            if (downloaded != flat) {
                int count = Math.toIntExact(flat.elements());
                values = values.length == count ? values : new float[count];
                flat.read(0, values, 0, count);
                downloaded = flat;
            }
            int from = Math.toIntExact(parameter.offset());
            return Arrays.copyOfRange(
                    values, from, from + Math.toIntExact(parameter.shape().elements()));
        }

        /** The entries in the order in which they were added; to be written once. */
        public List<Safetensors.Source> list() {
            return List.copyOf(sources);
        }
    }

    /**
     * Writes all entries of a prefix to a flat tensor, in one copy.
     *
     * @throws FileException if one is missing or of another shape; nothing is written then
     */
    public static void restore(Safetensors file, String prefix, ParameterStore parameters, Tensor flat)
            throws IOException {
        for (Parameter parameter : parameters.list()) {
            file.require(prefix + parameter.name(), parameter.shape());
        }
        float[] values = new float[Math.toIntExact(flat.elements())];
        for (Parameter parameter : parameters.list()) {
            file.read(prefix + parameter.name(), parameter.shape(), values, Math.toIntExact(parameter.offset()));
        }
        flat.write(values);
    }

    /**
     * Checks that a file is of the model.
     *
     * @param where names the file in the message
     * @param ours description of the model
     * @param saved description in the file
     * @throws CheckpointException naming the first difference
     */
    public static void requireSameModel(
            String where,
            JsonElement ours,
            JsonElement saved,
            ParameterStore parameters,
            Safetensors file,
            String prefix) {
        String difference = Json.firstDifference("model", ours, saved);
        if (difference == null) {
            difference = firstDifference(parameters, shapes(file, prefix));
        }
        if (difference != null) {
            throw new CheckpointException(where + ": is of another model: " + difference);
        }
    }

    private static String firstDifference(ParameterStore parameters, Map<String, String> saved) {
        Iterator<Map.Entry<String, String>> others = saved.entrySet().iterator();
        for (Parameter parameter : parameters.list()) {
            String ours = "'" + parameter.name() + "' " + parameter.shape();
            if (!others.hasNext()) {
                return "expected parameter " + ours + ", found none";
            }
            Map.Entry<String, String> other = others.next();
            String theirs = "'" + other.getKey() + "' " + other.getValue();
            if (!ours.equals(theirs)) {
                return "expected parameter " + ours + ", got " + theirs;
            }
        }
        return others.hasNext() ? "has a further parameter '" + others.next().getKey() + "'" : null;
    }

    /** Shapes by the names of the parameters, in the order of the file. */
    private static Map<String, String> shapes(Safetensors file, String prefix) {
        Map<String, String> shapes = new LinkedHashMap<>();
        for (Safetensors.Entry entry : file.entries()) {
            if (entry.name().startsWith(prefix)) {
                shapes.put(
                        entry.name().substring(prefix.length()), entry.shape().toString());
            }
        }
        return shapes;
    }
}
