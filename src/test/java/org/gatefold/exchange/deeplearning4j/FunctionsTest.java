package org.gatefold.exchange.deeplearning4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.Map;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.op.elementwise.Activation;
import org.junit.jupiter.api.Test;

class FunctionsTest {
    private static Layer layer(String name, JsonObject values) {
        return Functions.layer(new LayerConfig(name, "a", values));
    }

    /** By the equations in Deeplearning4j's documentation: its hard sigmoid rises by a fifth, its hard tanh is bounded by 1. */
    @Test
    void functionsOutsideCellsAreThoseOfTheirNames() {
        Map.of(
                        "ActivationHardSigmoid", ActivationLayer.of(Activation.hardSigmoid(0.2f, 0.5f)),
                        "ActivationHardTanH", ActivationLayer.clip(-1f, 1f),
                        "ActivationReLU6", ActivationLayer.clip(0f, 6f),
                        "ActivationSELU", ActivationLayer.selu(),
                        "ActivationMish", ActivationLayer.mish(),
                        "ActivationSoftSign", ActivationLayer.softsign(),
                        "ActivationThresholdedReLU", ActivationLayer.of(Activation.thresholdedRelu(1f)))
                .forEach((name, expected) -> assertThat(
                                layer(name, new JsonObject()).description().options())
                        .as(name)
                        .isEqualTo(expected.description().options()));
        JsonObject threshold = new JsonObject();
        threshold.addProperty("theta", 0.25);
        assertThat(layer("ActivationThresholdedReLU", threshold).description().options())
                .containsEntry("alpha", 0.25f);
    }
}
