package org.gatefold.recipe.field;

import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How good answers are.
 *
 * @param figures by name, the one that decides first
 * @param more that only the model's own score tells, for {@code metrics.json}
 */
public record Score(Map<String, Double> figures, JsonObject more) {
    public Score {
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }

    /** The figure that decides. */
    public double first() {
        return figures.values().iterator().next();
    }
}
