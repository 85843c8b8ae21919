package org.gatefold.layer.norm;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class NormLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "LayerNorm",
                LayerNorm::described,
                "GroupNorm",
                GroupNorm::described,
                "BatchNorm",
                BatchNorm::described);
    }
}
