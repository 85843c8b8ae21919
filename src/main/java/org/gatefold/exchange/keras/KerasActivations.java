package org.gatefold.exchange.keras;

import org.gatefold.layer.ActivationLayer;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Softmax;
import org.gatefold.op.recurrent.GateActivation;

/** Activation functions by Keras' names. Stateless. */
final class KerasActivations {
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
            case "leaky_relu" -> ActivationLayer.leakyRelu(0.2f);
            case "softmax" -> Softmax.probabilities();
            case "log_softmax" -> Softmax.logarithms();
            default -> throw layer.refused("the activation '" + name + "' is not known");
        };
    }

    /** Within a recurrent cell. */
    static GateActivation gate(KerasConfig layer, String name, boolean keras3) {
        return switch (name) {
            case "linear" -> GateActivation.IDENTITY;
            case "tanh" -> GateActivation.TANH;
            case "sigmoid" -> GateActivation.SIGMOID;
            case "hard_sigmoid" -> keras3 ? GateActivation.HARD_SIGMOID_SIXTH : GateActivation.HARD_SIGMOID;
            case "relu" -> GateActivation.RELU;
            case "softsign" -> GateActivation.SOFTSIGN;
            case "softplus" -> GateActivation.SOFTPLUS;
            case "elu" -> GateActivation.elu(1f);
            default -> throw layer.refused("the activation '" + name + "' is not known in a cell");
        };
    }
}
