package org.gatefold.layer.embedding;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class EmbeddingLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of("Embedding", Embedding::described, "TiedLinear", TiedLinear::described);
    }
}
