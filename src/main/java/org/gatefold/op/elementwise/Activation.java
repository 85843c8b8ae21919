package org.gatefold.op.elementwise;

import org.gatefold.op.Arguments;

/**
 * An elementwise activation function.
 *
 * @param kind the function
 * @param alpha its first number; 0 where it has none
 * @param beta its second number; 0 where it has none
 */
public record Activation(Kind kind, float alpha, float beta) {
    /** The functions of x, with their numbers alpha and beta. */
    public enum Kind {
        /** {@code 1 / (1 + exp(-x))}. */
        SIGMOID(0),
        TANH(1),
        /** {@code max(0, x)}. */
        RELU(2),
        /** {@code x} if positive, else {@code alpha * x}. */
        LEAKY_RELU(3, 0.01f, 0f),
        /** {@code x} if positive, else {@code alpha * (exp(x) - 1)} (Clevert et al. 2016). */
        ELU(4, 1f, 0f),
        /** {@code x * Phi(x)} with the normal distribution function, in the exact erf form (Hendrycks and Gimpel 2016). */
        GELU(5),
        /** {@code x * sigmoid(x)}. */
        SILU(6),
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS(7),
        /** {@code exp(x)}. */
        EXP(8),
        /** {@code min(1, max(0, alpha * x + beta))}; no slope where it is 0 or 1. */
        HARD_SIGMOID(9, 1f / 6f, 0.5f),
        /** {@code x / (1 + |x|)}. */
        SOFTSIGN(10),
        /** {@code min(beta, max(alpha, x))}; no slope at the bounds. */
        CLIP(11, -1f, 1f),
        /** {@code beta * x} if positive, else {@code beta * alpha * (exp(x) - 1)} (Klambauer et al. 2017). */
        SELU(12, 1.6732632f, 1.050701f),
        /** {@code x * tanh(log(1 + exp(x)))} (Misra 2019). */
        MISH(13),
        /** {@code x * min(1, max(0, x / 6 + 1 / 2))} (Howard et al. 2019). */
        HARD_SWISH(14),
        /** {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))}, near GELU (Hendrycks and Gimpel 2016). */
        GELU_TANH(15),
        /** {@code x} if above alpha, else 0. */
        THRESHOLDED_RELU(16, 1f, 0f);

        private final int code;
        private final float alpha;
        private final float beta;

        Kind(int code) {
            this(code, 0f, 0f);
        }

        Kind(int code, float alpha, float beta) {
            this.code = code;
            this.alpha = alpha;
            this.beta = beta;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }
    }

    public static final Activation SIGMOID = of(Kind.SIGMOID);
    public static final Activation TANH = of(Kind.TANH);
    public static final Activation RELU = of(Kind.RELU);
    public static final Activation GELU = of(Kind.GELU);
    public static final Activation SILU = of(Kind.SILU);
    public static final Activation SOFTPLUS = of(Kind.SOFTPLUS);
    public static final Activation EXP = of(Kind.EXP);
    public static final Activation SOFTSIGN = of(Kind.SOFTSIGN);
    public static final Activation MISH = of(Kind.MISH);
    public static final Activation HARD_SWISH = of(Kind.HARD_SWISH);
    public static final Activation GELU_TANH = of(Kind.GELU_TANH);

    /** {@code 0.2 * x + 0.5} within 0 and 1: of Keras 1 and 2, of TensorFlow.js, and ONNX' default. */
    public static final Activation HARD_SIGMOID = hardSigmoid(0.2f, 0.5f);

    /** {@code x / 6 + 0.5} within 0 and 1: of Keras 3 and PyTorch. */
    public static final Activation HARD_SIGMOID_SIXTH = of(Kind.HARD_SIGMOID);

    /** {@code x} within 0 and 6. */
    public static final Activation RELU6 = clip(0f, 6f);

    /** With the paper's numbers, which PyTorch and Keras have. */
    public static final Activation SELU = of(Kind.SELU);

    public Activation {
        Arguments.requireGiven("kind", kind);
        Arguments.requireFinite("alpha", alpha);
        Arguments.requireFinite("beta", beta);
        if (kind == Kind.LEAKY_RELU || kind == Kind.ELU) {
            Arguments.requireNotNegative("alpha", alpha);
        }
        if (kind == Kind.CLIP && alpha > beta) {
            throw new IllegalArgumentException(
                    "alpha, beta: expected a lower bound not above the upper one, got " + alpha + " and " + beta);
        }
    }

    /** With its usual numbers, which are PyTorch's defaults; those of THRESHOLDED_RELU are ONNX'. */
    public static Activation of(Kind kind) {
        return new Activation(kind, kind.alpha, kind.beta);
    }

    /** Leaky rectifier; PyTorch's default slope is 0.01. */
    public static Activation leakyRelu(float slope) {
        return new Activation(Kind.LEAKY_RELU, slope, 0f);
    }

    /** Exponential linear unit; PyTorch's default scale is 1. */
    public static Activation elu(float scale) {
        return new Activation(Kind.ELU, scale, 0f);
    }

    /** {@code slope * x + shift} within 0 and 1. */
    public static Activation hardSigmoid(float slope, float shift) {
        return new Activation(Kind.HARD_SIGMOID, slope, shift);
    }

    /** x within bounds; PyTorch's {@code Hardtanh} has -1 and 1. */
    public static Activation clip(float least, float most) {
        return new Activation(Kind.CLIP, least, most);
    }

    /** Scaled exponential linear unit of other numbers, as ONNX calls them; see {@link #SELU}. */
    public static Activation selu(float alpha, float gamma) {
        return new Activation(Kind.SELU, alpha, gamma);
    }

    /** Rectifier from a threshold on; ONNX' default is 1. */
    public static Activation thresholdedRelu(float threshold) {
        return new Activation(Kind.THRESHOLDED_RELU, threshold, 0f);
    }
}
