package org.gatefold.exchange.keras;

import java.util.List;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.GateActivation;

/** Activation functions by Keras' names. Stateless. */
final class KerasActivations {
    /** Those that cells here know. */
    static final List<String> GATES =
            List.of("linear", "tanh", "sigmoid", "hard_sigmoid", "relu", "softsign", "softplus", "elu", "leaky_relu");

    private KerasActivations() {}

    /** As a layer; null for none. */
    static Layer layer(KerasConfig layer, String name, boolean keras3) {
        return switch (name) {
            case "linear" -> null;
            case "tanh" -> ActivationLayer.tanh();
            case "sigmoid" -> ActivationLayer.sigmoid();
            case "relu" -> ActivationLayer.relu();
            case "softplus" -> ActivationLayer.softplus();
            case "elu" -> ActivationLayer.elu(1f);
            case "gelu" -> ActivationLayer.gelu();
            case "silu", "swish" -> ActivationLayer.silu();
            case "hard_sigmoid" -> ActivationLayer.of(keras3 ? Activation.HARD_SIGMOID_SIXTH : Activation.HARD_SIGMOID);
            case "softsign" -> ActivationLayer.softsign();
            case "hard_tanh" -> ActivationLayer.clip(-1f, 1f);
            case "relu6" -> ActivationLayer.relu6();
            case "selu" -> ActivationLayer.selu();
            case "mish" -> ActivationLayer.mish();
            case "hard_silu", "hard_swish" -> ActivationLayer.hardSwish();
            case "exponential" -> ActivationLayer.of(Activation.EXP);
            case "leaky_relu" -> ActivationLayer.leakyRelu(0.2f);
            case "softmax" -> Softmax.probabilities();
            case "log_softmax" -> Softmax.logarithms();
            default -> throw layer.refused("the activation '" + name + "' is not known");
        };
    }

    /** Within a recurrent cell; null for one that is not known. */
    static GateActivation gate(String name, boolean keras3) {
        return switch (name) {
            case "linear" -> GateActivation.IDENTITY;
            case "tanh" -> GateActivation.TANH;
            case "sigmoid" -> GateActivation.SIGMOID;
            case "hard_sigmoid" -> keras3 ? GateActivation.HARD_SIGMOID_SIXTH : GateActivation.HARD_SIGMOID;
            case "relu" -> GateActivation.RELU;
            case "softsign" -> GateActivation.SOFTSIGN;
            case "softplus" -> GateActivation.SOFTPLUS;
            case "elu" -> GateActivation.elu(1f);
            case "leaky_relu" -> GateActivation.leakyRelu(0.2f);
            default -> null;
        };
    }

    /** A {@code ReLU}, which may have a slope below a threshold or a largest value. */
    static Layer rectifier(KerasConfig config) {
        float slope = config.real("negative_slope", 0f);
        float threshold = config.real("threshold", 0f);
        if (slope != 0f && threshold != 0f) {
            throw config.refused("has a threshold and a slope below it");
        }
        if (threshold != 0f) {
            return ActivationLayer.of(Activation.thresholdedRelu(threshold));
        }
        if (slope != 0f) {
            return ActivationLayer.leakyRelu(slope);
        }
        return config.has("max_value")
                ? ActivationLayer.clip(0f, config.real("max_value", 0f))
                : ActivationLayer.relu();
    }

    /** The layer that bounds what a {@link #rectifier} gives; null where it does so itself, or there is no bound. */
    static Layer bound(KerasConfig config) {
        boolean itself = config.real("negative_slope", 0f) == 0f && config.real("threshold", 0f) == 0f;
        return itself || !config.has("max_value")
                ? null
                : ActivationLayer.clip(-Float.MAX_VALUE, config.real("max_value", 0f));
    }

    /**
     * As a layer of Keras 3.
     *
     * @throws IllegalArgumentException if Keras has none
     */
    static WrittenLayer written(String name, Activation function) {
        return switch (function.kind()) {
            case LEAKY_RELU -> new WrittenLayer("LeakyReLU", name).with("negative_slope", function.alpha());
            case ELU -> new WrittenLayer("ELU", name).with("alpha", function.alpha());
            case EXP -> written(name, "exponential");
            case HARD_SWISH -> written(name, "hard_silu");
            case HARD_SIGMOID, SELU -> {
                if (!function.equals(Activation.of(function.kind()))) {
                    throw new IllegalArgumentException("Keras 3 has no " + function);
                }
                yield written(name, Options.text(function.kind()));
            }
            case CLIP -> {
                if (function.equals(Activation.of(Activation.Kind.CLIP))) {
                    yield written(name, "hard_tanh");
                }
                if (function.alpha() != 0f) {
                    throw new IllegalArgumentException("Keras has no bounds such as those of " + function);
                }
                yield new WrittenLayer("ReLU", name).with("max_value", function.beta());
            }
            case THRESHOLDED_RELU -> {
                if (function.alpha() < 0f) {
                    throw new IllegalArgumentException("Keras has no thresholds below 0, as of " + function);
                }
                yield new WrittenLayer("ReLU", name).with("threshold", function.alpha());
            }
            case GELU_TANH ->
                throw new IllegalArgumentException(
                        "Keras has GELU by a hyperbolic tangent as a function, not as a layer");
            default -> written(name, Options.text(function.kind()));
        };
    }

    /** A layer that applies a function by its name there. */
    static WrittenLayer written(String name, String function) {
        return new WrittenLayer("Activation", name).with("activation", function);
    }
}
