package org.gatefold.layer.convolution;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class ConvolutionLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of("Conv1d", Conv1d::described, "Conv2d", Conv2d::described);
    }
}
