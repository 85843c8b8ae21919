package org.gatefold.layer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A layer as plain data: what is needed to build it again, without its weights.
 *
 * @param type the layer's type, for instance {@code "Lstm"}
 * @param name its name within the model
 * @param options its options by name; values are strings, numbers, booleans or maps of such
 */
public record LayerDescription(String type, String name, Map<String, Object> options) {
    public LayerDescription {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
