package org.gatefold.exchange.keras;

import java.util.List;
import org.gatefold.layer.Layer;
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
    static Layer layer(KerasConfig layer, String name) {
        return switch (name) {
            case "linear" -> null;
            case "tanh" -> ActivationLayer.tanh();
            case "sigmoid" -> ActivationLayer.sigmoid();
            case "relu" -> ActivationLayer.relu();
            case "softplus" -> ActivationLayer.softplus();
            case "elu" -> ActivationLayer.elu(1f);
            case "gelu" -> ActivationLayer.gelu();
            case "silu", "swish" -> ActivationLayer.silu();
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

    /** As a layer of Keras'. */
    static WrittenLayer written(String name, String function, float alpha) {
        return switch (function) {
            case "leaky_relu" -> new WrittenLayer("LeakyReLU", name).with("negative_slope", alpha);
            case "elu" -> new WrittenLayer("ELU", name).with("alpha", alpha);
            default ->
                new WrittenLayer("Activation", name)
                        .with("activation", function.equals("exp") ? "exponential" : function);
        };
    }
}
