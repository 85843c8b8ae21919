package org.gatefold.seq2seq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;

/**
 * Layers that a source passes before the encoder of an {@link EncoderDecoder}, as plain data. Immutable.
 *
 * @param all in order
 */
record SourceLayers(List<LayerDescription> all) {
    static final SourceLayers NONE = new SourceLayers(List.of());

    SourceLayers {
        all = List.copyOf(all);
    }

    /** Those of layers that are not built, called by their place and kind. */
    static SourceLayers of(List<? extends Layer> layers) {
        List<LayerDescription> all = new ArrayList<>();
        for (Layer layer : layers) {
            LayerDescription one = layer.description();
            String name = "source-" + (all.size() + 1) + "-" + layer.defaultName();
            all.add(new LayerDescription(one.type(), name, one.options()));
        }
        return new SourceLayers(all);
    }

    /** What {@link #written} wrote. */
    static SourceLayers described(Options layers) {
        return of(layers.asMap().keySet().stream()
                .map(name -> Layers.wrapped(layers.map(name)))
                .toList());
    }

    /** As an option of the network: layers by name. */
    Map<String, Object> written() {
        Map<String, Object> layers = new LinkedHashMap<>();
        made().forEach(layer -> layers.put(layer.name(), Layers.wrapping(layer)));
        return layers;
    }

    /** New ones, not built yet. */
    List<Layer> made() {
        return all.stream().map(Layers::of).toList();
    }
}
