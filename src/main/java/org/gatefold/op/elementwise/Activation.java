package org.gatefold.op.elementwise;

import org.gatefold.op.Arguments;

/**
 * An elementwise activation function.
 *
 * @param kind the function
 * @param alpha slope of LEAKY_RELU for x &lt; 0, scale of ELU; 0 for the others
 */
public record Activation(Kind kind, float alpha) {
    /** The functions. */
    public enum Kind {
        /** {@code 1 / (1 + exp(-x))}. */
        SIGMOID(0),
        TANH(1),
        /** {@code max(0, x)}. */
        RELU(2),
        /** {@code x} if positive, else {@code alpha * x}. */
        LEAKY_RELU(3),
        /** {@code x} if positive, else {@code alpha * (exp(x) - 1)} (Clevert et al. 2016). */
        ELU(4),
        /** {@code x * Phi(x)} with the normal distribution function, in the exact erf form (Hendrycks and Gimpel 2016). */
        GELU(5),
        /** {@code x * sigmoid(x)}. */
        SILU(6),
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS(7),
        /** {@code exp(x)}. */
        EXP(8);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0f);
    public static final Activation TANH = new Activation(Kind.TANH, 0f);
    public static final Activation RELU = new Activation(Kind.RELU, 0f);
    public static final Activation GELU = new Activation(Kind.GELU, 0f);
    public static final Activation SILU = new Activation(Kind.SILU, 0f);
    public static final Activation SOFTPLUS = new Activation(Kind.SOFTPLUS, 0f);
    public static final Activation EXP = new Activation(Kind.EXP, 0f);

    public Activation {
        Arguments.requireNotNegative("alpha", alpha);
    }

    /** Leaky rectifier; PyTorch's default slope is 0.01. */
    public static Activation leakyRelu(float slope) {
        return new Activation(Kind.LEAKY_RELU, slope);
    }

    /** Exponential linear unit; PyTorch's default scale is 1. */
    public static Activation elu(float scale) {
        return new Activation(Kind.ELU, scale);
    }
}
