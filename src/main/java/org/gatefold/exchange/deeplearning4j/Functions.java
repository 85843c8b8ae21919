package org.gatefold.exchange.deeplearning4j;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.GateActivation;

/** Activation functions by Deeplearning4j's names, of layers and within cells. Stateless. */
final class Functions {
    private static final String USUAL = "sigmoid";

    private Functions() {}

    /** The function that a layer has; of old releases by its name alone. */
    static LayerConfig of(LayerConfig layer, String option) {
        JsonElement described = layer.values().get(option);
        if (described != null && described.isJsonObject()) {
            return LayerConfig.of(described, layer.name());
        }
        String old = option.equals("gateActivationFn") ? "gateActivation" : "activation";
        String name =
                described != null && described.isJsonPrimitive() ? described.getAsString() : layer.text(old, USUAL);
        return new LayerConfig(name, layer.name(), new JsonObject());
    }

    /** {@code "tanh"} for {@code ActivationTanH}. */
    private static String word(LayerConfig function) {
        String word = function.type().toLowerCase(Locale.ROOT);
        return word.startsWith("activation") ? word.substring("activation".length()) : word;
    }

    /** As a layer; null for none. */
    static Layer layer(LayerConfig function) {
        return switch (word(function)) {
            case "identity" -> null;
            case "tanh" -> ActivationLayer.tanh();
            case "sigmoid" -> ActivationLayer.sigmoid();
            case "relu" -> {
                requirePlain(function);
                double slope = function.real("negativeSlope", 0);
                yield slope == 0 ? ActivationLayer.relu() : ActivationLayer.leakyRelu((float) slope);
            }
            case "lrelu", "leakyrelu" -> ActivationLayer.leakyRelu((float) function.real("alpha", 0.01));
            // What it is where nothing is drawn.
            case "rrelu" ->
                ActivationLayer.leakyRelu((float) ((function.real("l", 1 / 8.0) + function.real("u", 1 / 3.0)) / 2));
            case "elu" -> ActivationLayer.elu((float) function.real("alpha", 1));
            case "softplus" -> ActivationLayer.softplus();
            case "softsign" -> ActivationLayer.softsign();
            case "hardsigmoid" -> ActivationLayer.of(Activation.HARD_SIGMOID);
            case "hardtanh" -> ActivationLayer.clip(-1f, 1f);
            case "relu6" -> ActivationLayer.relu6();
            case "thresholdedrelu" -> ActivationLayer.of(Activation.thresholdedRelu((float) function.real("theta", 1)));
            case "selu" -> ActivationLayer.selu();
            case "mish" -> ActivationLayer.mish();
            case "swish" -> ActivationLayer.silu();
            case "softmax" -> Softmax.probabilities();
            default ->
                throw function.refused("this function is not known; expected one of "
                        + List.of(
                                "identity",
                                "tanh",
                                "sigmoid",
                                "relu",
                                "leakyrelu",
                                "rrelu",
                                "elu",
                                "softplus",
                                "softsign",
                                "hardsigmoid",
                                "hardtanh",
                                "relu6",
                                "thresholdedrelu",
                                "selu",
                                "mish",
                                "swish",
                                "softmax"));
        };
    }

    /** Within a recurrent cell. */
    static GateActivation gate(LayerConfig function) {
        return switch (word(function)) {
            case "identity" -> GateActivation.IDENTITY;
            case "tanh" -> GateActivation.TANH;
            case "sigmoid" -> GateActivation.SIGMOID;
            case "hardsigmoid" -> GateActivation.HARD_SIGMOID;
            case "softsign" -> GateActivation.SOFTSIGN;
            case "softplus" -> GateActivation.SOFTPLUS;
            case "relu" -> {
                requirePlain(function);
                double slope = function.real("negativeSlope", 0);
                yield slope == 0 ? GateActivation.RELU : GateActivation.leakyRelu((float) slope);
            }
            case "lrelu", "leakyrelu" -> GateActivation.leakyRelu((float) function.real("alpha", 0.01));
            case "elu" -> GateActivation.elu((float) function.real("alpha", 1));
            case "thresholdedrelu" -> GateActivation.thresholdedRelu((float) function.real("theta", 1));
            default ->
                throw function.refused("this function is not known in a cell; expected one of "
                        + List.of(
                                "identity",
                                "tanh",
                                "sigmoid",
                                "hardsigmoid",
                                "softsign",
                                "softplus",
                                "relu",
                                "leakyrelu",
                                "elu",
                                "thresholdedrelu"));
        };
    }

    private static void requirePlain(LayerConfig function) {
        if (function.real("threshold", 0) != 0 || function.has("max")) {
            throw function.refused("has a threshold or a largest value");
        }
    }
}
