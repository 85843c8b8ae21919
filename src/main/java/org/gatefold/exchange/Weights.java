package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.tensor.Tensor;

/** Parameters, and flat tensors laid out like them, as entries of a safetensors file. Stateless. */
public final class Weights {
    private Weights() {}

    /**
     * Writes the weights of a model.
     *
     * @param <E> thrown where they cannot be read
     */
    public interface Writer<E extends Exception> {
        void write(Model model) throws E;
    }

    /**
     * A model with its weights, closed if they cannot be written.
     *
     * @param model new
     */
    @MustBeClosed
    public static <E extends Exception> Model filled(Model model, Writer<E> writer) throws E {
        boolean complete = false;
        try {
            writer.write(model);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                model.close();
            }
        }
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

        /** As {@link #add(String, Tensor)}, for values in an array that is laid out as the parameters are. */
        public Entries add(String prefix, float[] flat) {
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
            return part(parameter, values);
        }

        private static float[] part(Parameter parameter, float[] flat) {
            int from = Math.toIntExact(parameter.offset());
            return Arrays.copyOfRange(
                    flat, from, from + Math.toIntExact(parameter.shape().elements()));
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
        flat.write(read(file, prefix, parameters));
    }

    /**
     * All entries of a prefix in an array that is laid out as the parameters are.
     *
     * @throws FileException if one is missing or of another shape
     */
    public static float[] read(Safetensors file, String prefix, ParameterStore parameters) throws IOException {
        for (Parameter parameter : parameters.list()) {
            file.require(prefix + parameter.name(), parameter.shape());
        }
        float[] values = new float[parameters.values().arraySize()];
        for (Parameter parameter : parameters.list()) {
            file.read(prefix + parameter.name(), parameter.shape(), values, Math.toIntExact(parameter.offset()));
        }
        return values;
    }

    /**
     * Checks that a file is of the model.
     *
     * @param where names the file in the message
     * @param saved description in the file
     * @param prefix of the names of the parameters in the file
     * @throws FileException naming the first difference
     */
    public static void requireSameModel(String where, Model model, JsonFields saved, Safetensors file, String prefix) {
        JsonObject ours = NetworkJson.write(model.network().description());
        JsonObject theirs = NetworkJson.write(NetworkJson.read(saved));
        String difference = Json.firstDifference("model", ours, theirs);
        if (difference != null) {
            throw new CheckpointException(where + ": is of another model: " + difference);
        }
        requireNoOthers(file, prefix, model.network().parameters().keySet());
    }

    /**
     * Checks that a file holds nothing beside parameters.
     *
     * @param names of the parameters
     * @throws FileException naming the first tensor that is none
     */
    static void requireNoOthers(Safetensors file, String prefix, Set<String> names) {
        for (Safetensors.Entry entry : file.entries()) {
            if (entry.name().startsWith(prefix) && !names.contains(entry.name().substring(prefix.length()))) {
                throw new FileException("has a tensor '" + entry.name() + "', which is no parameter of the model");
            }
        }
    }
}
