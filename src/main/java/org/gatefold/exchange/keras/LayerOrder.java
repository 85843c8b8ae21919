package org.gatefold.exchange.keras;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which Keras keeps the layers of a functional model, by which it numbers their weights: farthest from the outputs first, those
 * equally far in the order in which a search from the outputs comes upon them ({@code map_graph} of keras/src/ops/function.py). For one
 * model, one thread.
 */
final class LayerOrder {
    private final Map<WrittenLayer, Integer> found = new LinkedHashMap<>();
    private final Set<WrittenLayer.Value> finished = new LinkedHashSet<>();

    private LayerOrder() {}

    static List<WrittenLayer> of(List<WrittenLayer.Value> outputs) {
        LayerOrder order = new LayerOrder();
        outputs.forEach(order::search);
        Map<WrittenLayer, Integer> depths = order.depths();
        List<WrittenLayer> layers = new ArrayList<>(order.found.keySet());
        layers.sort(
                Comparator.comparing((WrittenLayer layer) -> -depths.get(layer)).thenComparing(order.found::get));
        return layers;
    }

    private void search(WrittenLayer.Value output) {
        WrittenLayer.Value value = output.first();
        if (finished.contains(value)) {
            return;
        }
        found.putIfAbsent(value.layer(), found.size());
        of(value).forEach(this::search);
        finished.add(value);
    }

    private static List<WrittenLayer.Value> of(WrittenLayer.Value value) {
        return value.layer().applications().get(value.application());
    }

    /** Of a layer that is applied several times the largest, which holds for all applications that are looked at later. */
    private Map<WrittenLayer, Integer> depths() {
        Map<WrittenLayer.Value, Integer> depths = new HashMap<>();
        Map<WrittenLayer, Integer> ofLayers = new HashMap<>();
        List<WrittenLayer.Value> backwards = new ArrayList<>(finished);
        for (int i = backwards.size() - 1; i >= 0; i--) {
            WrittenLayer.Value value = backwards.get(i);
            int depth = Math.max(depths.getOrDefault(value, 0), ofLayers.getOrDefault(value.layer(), 0));
            ofLayers.put(value.layer(), depth);
            of(value).forEach(before -> depths.merge(before.first(), depth + 1, Math::max));
        }
        return ofLayers;
    }
}
