package org.gatefold.spark;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The parameters of one stage, in the order in which they are made, with their defaults; every stage of Gatefold's has the first seven.
 * Belongs to the stage.
 */
final class Settings {
    private final Params stage;
    private final Map<String, Param<Object>> all = new LinkedHashMap<>();
    private final Map<String, Object> usual = new LinkedHashMap<>();

    Settings(Params stage, int batchSize) {
        this.stage = stage;
        add(
                "inputCol",
                "column of what is read: arrays of numbers, arrays of arrays, vectors, texts, or contents of files",
                "features");
        add("outputCol", "column that predictions are added as", "prediction");
        add("probabilityCol", "column that the probabilities of classes are added as; none if empty", "");
        add("handleInvalid", "what is done about rows that cannot be read: error, skip or keep", "error");
        add("keyCol", "column by whose value messages name a row; none if empty", "");
        add("batchSize", "rows of a batch", batchSize);
        add("device", "device of every executor, by Gatefold's name", "cpu");
    }

    /** @param value the default: a String, an Integer, a Long or a Double, as all values then are */
    Settings add(String name, String says, Object value) {
        Param<Object> param = SettingParam.of(stage, name, says, value);
        all.put(name, param);
        usual.put(name, value);
        return this;
    }

    Param<?>[] all() {
        return all.values().toArray(Param<?>[]::new);
    }

    private <T> T value(String name, Class<T> type) {
        Param<Object> param = all.get(name);
        return type.cast(stage.isSet(param) ? stage.getOrDefault(param) : usual.get(name));
    }

    String text(String name) {
        return value(name, String.class);
    }

    int whole(String name) {
        return value(name, Integer.class);
    }

    long big(String name) {
        return value(name, Long.class);
    }

    double number(String name) {
        return value(name, Double.class);
    }

    void set(String name, Object value) {
        stage.set(all.get(name), value);
    }

    /** Gives a stage the values of the parameters that it has too. */
    void copyTo(Settings other) {
        other.all.forEach((name, param) -> {
            if (all.containsKey(name) && stage.isSet(all.get(name))) {
                other.set(name, value(name, Object.class));
            }
        });
    }
}
