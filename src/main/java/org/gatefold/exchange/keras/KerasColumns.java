package org.gatefold.exchange.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import org.gatefold.tensor.Form;

/**
 * Layers of Keras' that read sequences, as those that read images of one column: so they are applied within each step of a sequence of
 * sequences, by TimeDistributed. Stateless.
 */
final class KerasColumns {
    private static final String NORM = "BatchNormalization";

    private static final Map<String, String> OF_IMAGES = Map.of(
            "Conv1D",
            "Conv2D",
            "MaxPooling1D",
            "MaxPooling2D",
            "AveragePooling1D",
            "AveragePooling2D",
            "GlobalMaxPooling1D",
            "GlobalMaxPooling2D",
            "GlobalAveragePooling1D",
            "GlobalAveragePooling2D",
            "ZeroPadding1D",
            "ZeroPadding2D",
            "SpatialDropout1D",
            "SpatialDropout2D",
            NORM,
            NORM);

    private KerasColumns() {}

    static boolean readsSteps(KerasConfig config) {
        return OF_IMAGES.containsKey(config.type()) && !config.type().equals(NORM);
    }

    /** Whether a layer normalises the last of two dimensions, where one here takes the first for channels. */
    static boolean isChannels(KerasConfig config, Form in) {
        return config.type().equals(NORM) && in.dimensions().size() == 2;
    }

    static KerasConfig of(KerasConfig config) {
        JsonObject values = config.values().deepCopy();
        for (String option : List.of("kernel_size", "pool_size", "strides", "dilation_rate")) {
            if (config.has(option)) {
                values.add(option, pair(config.integers(option, 1, 1).get(0), 1));
            }
        }
        if (config.type().equals(NORM)) {
            List<Integer> axis = config.integers("axis", 1, -1);
            if (axis.get(0) != -1 && axis.get(0) != 2) {
                throw config.refused("normalises along axis " + axis + "; expected the last");
            }
            values.remove("axis");
        }
        if (config.type().endsWith("Pooling1D") && !config.has("pool_size")) {
            values.add("pool_size", pair(2, 1));
        }
        if (config.type().equals("ZeroPadding1D")) {
            List<Integer> steps = KerasLayers.padding(config);
            JsonArray sides = new JsonArray();
            sides.add(pair(steps.get(0), steps.get(1)));
            sides.add(pair(0, 0));
            values.add("padding", sides);
        }
        if (config.type().equals("Conv1D") && config.text("padding", "valid").equals("causal")) {
            throw config.refused("pads before the steps alone within steps, which is not known");
        }
        return new KerasConfig(OF_IMAGES.get(config.type()), config.name(), values);
    }

    private static JsonArray pair(int steps, int columns) {
        JsonArray pair = new JsonArray();
        pair.add(steps);
        pair.add(columns);
        return pair;
    }
}
