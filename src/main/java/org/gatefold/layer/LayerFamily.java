package org.gatefold.layer;

import java.util.Map;
import java.util.function.Function;

/** Layers that belong together, found by {@link java.util.ServiceLoader}. Stateless. */
public interface LayerFamily {
    /** By {@link Layer#type()}, by default the name of the class, which is in the package of the family: what makes a layer from its options. */
    Map<String, Function<Options, Layer>> types();
}
