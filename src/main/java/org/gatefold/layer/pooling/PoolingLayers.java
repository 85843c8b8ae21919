package org.gatefold.layer.pooling;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layers of this package. */
public final class PoolingLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "MaxPool1d", MaxPool1d::described,
                "AvgPool1d", AvgPool1d::described,
                "MaxPool2d", MaxPool2d::described,
                "AvgPool2d", AvgPool2d::described,
                "GlobalPooling", GlobalPooling::described,
                "TimePooling", TimePooling::described);
    }
}
