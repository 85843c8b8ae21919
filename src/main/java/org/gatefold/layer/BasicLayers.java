package org.gatefold.layer;

import java.util.Map;
import java.util.function.Function;

/** The layers of this package. */
public final class BasicLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "Linear", Linear::described,
                "Activation", ActivationLayer::described,
                "Softmax", Softmax::described,
                "Dropout", Dropout::described,
                "Residual", Residual::described,
                "Highway", Highway::described,
                "Masking", Masking::described,
                "TimePooling", TimePooling::described);
    }
}
