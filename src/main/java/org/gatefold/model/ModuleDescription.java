package org.gatefold.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A {@link Module} as plain data: its type and options, from which {@link Modules} makes it again.
 *
 * @param type what {@link Module#type()} gives
 * @param options by name; values are strings, numbers, booleans or maps of such
 */
public record ModuleDescription(String type, Map<String, Object> options) implements NetworkDescription {
    public ModuleDescription {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
