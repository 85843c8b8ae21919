package org.gatefold.recipe;

import java.util.List;
import org.gatefold.layer.LayerDescription;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Fields;

/** A network of a run in words. Stateless. */
final class NetworkWords {
    private NetworkWords() {}

    /** Its layers but those that the target knows, how many such networks answer together, and what they are joined with. */
    static String of(Network one, Fields fields, int members) {
        List<Network.LayerForm> all = one.layers();
        int last = fields.target().head().size();
        String layers = counted(all.subList(0, all.size() - last).stream()
                .map(layer -> words(layer.layer()))
                .toList());
        return (members == 1 ? "" : (fields.target().hearsMembersApart() ? "" : "mean of ") + members + " networks: ")
                + layers
                + (fields.prior() == null
                        ? ""
                        : ", joined with " + fields.prior().name());
    }

    /** Layers that are all alike are told once, with their number. */
    private static String counted(List<String> layers) {
        return layers.size() > 1 && layers.stream().distinct().count() == 1
                ? layers.size() + " times " + layers.get(0)
                : String.join(", ", layers);
    }

    private static String words(LayerDescription layer) {
        Object units = layer.options().get("units");
        Object stacked = layer.options().get("layers");
        boolean both = "bidirectional".equals(layer.options().get("direction"));
        return (both ? "bidirectional " : "")
                + layer.type()
                + (units == null ? "" : " of " + units + " units")
                + (stacked == null ? "" : ", layers " + stacked);
    }
}
