package org.gatefold.layer.basic;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

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
                "AllSteps", AllSteps::described);
    }
}
