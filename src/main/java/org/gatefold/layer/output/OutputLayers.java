package org.gatefold.layer.output;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class OutputLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "Crf", Crf::described,
                "AdaptiveSoftmax", AdaptiveSoftmax::described,
                "SampledSoftmax", SampledSoftmax::described);
    }
}
