package org.gatefold.layer.basic;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Options;
import org.gatefold.layer.SameFormLayer;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.elementwise.Activation;

/** An {@link Activation} as a layer, on rows or on every step of sequences; no parameters. */
public final class ActivationLayer extends SameFormLayer {
    private final Activation function;

    private ActivationLayer(Activation function) {
        this.function = function;
    }

    public static ActivationLayer of(Activation function) {
        return new ActivationLayer(function);
    }

    public static ActivationLayer sigmoid() {
        return of(Activation.SIGMOID);
    }

    public static ActivationLayer tanh() {
        return of(Activation.TANH);
    }

    public static ActivationLayer relu() {
        return of(Activation.RELU);
    }

    /** Slope below zero; PyTorch's default is 0.01. */
    public static ActivationLayer leakyRelu(float slope) {
        return of(Activation.leakyRelu(slope));
    }

    /** Scale below zero; PyTorch's default is 1. */
    public static ActivationLayer elu(float scale) {
        return of(Activation.elu(scale));
    }

    public static ActivationLayer gelu() {
        return of(Activation.GELU);
    }

    public static ActivationLayer silu() {
        return of(Activation.SILU);
    }

    public static ActivationLayer softplus() {
        return of(Activation.SOFTPLUS);
    }

    /** {@code x / 6 + 1 / 2} within 0 and 1, as in Keras 3 and PyTorch. */
    public static ActivationLayer hardSigmoid() {
        return of(Activation.HARD_SIGMOID_SIXTH);
    }

    public static ActivationLayer softsign() {
        return of(Activation.SOFTSIGN);
    }

    /** x within bounds; PyTorch's {@code Hardtanh} has -1 and 1. */
    public static ActivationLayer clip(float least, float most) {
        return of(Activation.clip(least, most));
    }

    /** {@code x} within 0 and 6. */
    public static ActivationLayer relu6() {
        return of(Activation.RELU6);
    }

    public static ActivationLayer selu() {
        return of(Activation.SELU);
    }

    public static ActivationLayer mish() {
        return of(Activation.MISH);
    }

    public static ActivationLayer hardSwish() {
        return of(Activation.HARD_SWISH);
    }

    /** GELU by a hyperbolic tangent: PyTorch's and Keras' {@code approximate}. */
    public static ActivationLayer geluTanh() {
        return of(Activation.GELU_TANH);
    }

    /** What it computes. */
    public Activation function() {
        return function;
    }

    static ActivationLayer described(Options options) {
        return of(options.activation("function"));
    }

    @Override
    public String type() {
        return "Activation";
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written(
                "function", Options.text(function.kind()), "alpha", function.alpha(), "beta", function.beta());
    }

    /** Each step stands for itself. */
    @Override
    protected void stream(StreamStates states) {}

    @Override
    protected Variable apply(Context context, Variable x) {
        return Functional.activate(context, function, x);
    }
}
