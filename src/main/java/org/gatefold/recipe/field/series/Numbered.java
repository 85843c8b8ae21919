package org.gatefold.recipe.field.series;

import com.google.gson.JsonObject;
import org.gatefold.file.JsonFields;

/** Arrays of numbers in the states of fields: an object whose names count from 1. Stateless. */
final class Numbered {
    private Numbered() {}

    static JsonObject of(double... values) {
        JsonObject numbered = new JsonObject();
        for (int i = 0; i < values.length; i++) {
            numbered.addProperty(Integer.toString(i + 1), values[i]);
        }
        return numbered;
    }

    static double[] read(JsonFields numbered) {
        return numbered.numbers().values().stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }
}
