package org.gatefold.op.recurrent;

import org.gatefold.op.Arguments;

/**
 * An activation function of a gate, a candidate or a cell's output, as ONNX names them. Of every one the slope follows from
 * the output, so that a backward pass needs no sums from before the activation.
 *
 * @param kind the function
 * @param alpha its first number; 0 where it has none
 * @param beta its second number; 0 where it has none
 */
public record GateActivation(Kind kind, float alpha, float beta) {
    /** The functions of x, with their numbers a and b. */
    public enum Kind {
        /** {@code 1 / (1 + exp(-x))}. */
        SIGMOID(0, 0),
        TANH(1, 0),
        /** {@code max(0, x)}. */
        RELU(2, 0),
        /** {@code min(1, max(0, a*x + b))}. */
        HARD_SIGMOID(3, 2),
        /** {@code x / (1 + |x|)}. */
        SOFTSIGN(4, 0),
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS(5, 0),
        /** {@code x} if positive, else {@code a*(exp(x) - 1)}. */
        ELU(6, 1),
        /** {@code a*x + b}. */
        AFFINE(7, 2),
        /** {@code x} if positive, else {@code a*x}. */
        LEAKY_RELU(8, 1),
        /** {@code x} if at least a, else 0. */
        THRESHOLDED_RELU(9, 1),
        /** {@code a*tanh(b*x)}. */
        SCALED_TANH(10, 2);

        private final int code;
        private final int numbers;

        Kind(int code, int numbers) {
            this.code = code;
            this.numbers = numbers;
        }

        /** The number by which kernels know it. */
        public int code() {
            return code;
        }

        /** How many of a and b it has. */
        public int numbers() {
            return numbers;
        }
    }

    public static final GateActivation SIGMOID = new GateActivation(Kind.SIGMOID, 0f, 0f);
    public static final GateActivation TANH = new GateActivation(Kind.TANH, 0f, 0f);
    public static final GateActivation RELU = new GateActivation(Kind.RELU, 0f, 0f);
    public static final GateActivation SOFTSIGN = new GateActivation(Kind.SOFTSIGN, 0f, 0f);
    public static final GateActivation SOFTPLUS = new GateActivation(Kind.SOFTPLUS, 0f, 0f);
    public static final GateActivation IDENTITY = affine(1f, 0f);

    /** {@code 0.2*x + 0.5} within 0 and 1: of Keras 1 and 2, of TensorFlow.js, and ONNX' default. */
    public static final GateActivation HARD_SIGMOID = hardSigmoid(0.2f, 0.5f);

    /** {@code x/6 + 0.5} within 0 and 1: of Keras 3 and PyTorch. */
    public static final GateActivation HARD_SIGMOID_SIXTH = hardSigmoid(1f / 6f, 0.5f);

    public GateActivation {
        Arguments.requireGiven("kind", kind);
        Arguments.requireFinite("alpha", alpha);
        Arguments.requireFinite("beta", beta);
        if ((kind.numbers() < 1 && alpha != 0f) || (kind.numbers() < 2 && beta != 0f)) {
            throw new IllegalArgumentException(
                    "alpha, beta: expected 0 where " + kind + " has no such number, got " + alpha + " and " + beta);
        }
        // Below 0 two inputs share an output, and the slope no longer follows from it.
        if ((kind == Kind.ELU || kind == Kind.LEAKY_RELU) && alpha < 0f) {
            throw new IllegalArgumentException("alpha: expected at least 0 for " + kind + ", got " + alpha);
        }
        if (kind == Kind.SCALED_TANH && alpha == 0f) {
            throw new IllegalArgumentException("alpha: expected other than 0 for " + kind + ", got 0");
        }
    }

    /** {@code min(1, max(0, slope*x + shift))}. */
    public static GateActivation hardSigmoid(float slope, float shift) {
        return new GateActivation(Kind.HARD_SIGMOID, slope, shift);
    }

    /** Exponential linear unit; ONNX' default scale is 1. */
    public static GateActivation elu(float scale) {
        return new GateActivation(Kind.ELU, scale, 0f);
    }

    /** {@code slope*x + shift}; ONNX' defaults are 1 and 0. */
    public static GateActivation affine(float slope, float shift) {
        return new GateActivation(Kind.AFFINE, slope, shift);
    }

    /** Leaky rectifier; ONNX' default slope is 0.01. */
    public static GateActivation leakyRelu(float slope) {
        return new GateActivation(Kind.LEAKY_RELU, slope, 0f);
    }

    /** Rectifier from a threshold on; ONNX' default is 1. */
    public static GateActivation thresholdedRelu(float threshold) {
        return new GateActivation(Kind.THRESHOLDED_RELU, threshold, 0f);
    }

    /** {@code scale*tanh(slope*x)}. */
    public static GateActivation scaledTanh(float scale, float slope) {
        return new GateActivation(Kind.SCALED_TANH, scale, slope);
    }

    /** {@code NAME}, or with its numbers {@code NAME(a)} or {@code NAME(a,b)}. */
    @Override
    public String toString() {
        return switch (kind.numbers()) {
            case 0 -> kind.name();
            case 1 -> kind + "(" + alpha + ")";
            default -> kind + "(" + alpha + "," + beta + ")";
        };
    }

    /** The activation that {@link #toString} wrote. */
    public static GateActivation parse(String text) {
        try {
            int open = text.indexOf('(');
            if (open < 0) {
                return new GateActivation(Kind.valueOf(text), 0f, 0f);
            }
            String[] numbers = text.substring(open + 1, text.length() - 1).split(",");
            return new GateActivation(
                    Kind.valueOf(text.substring(0, open)),
                    Float.parseFloat(numbers[0]),
                    numbers.length > 1 ? Float.parseFloat(numbers[1]) : 0f);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "activation: expected one as SIGMOID or HARD_SIGMOID(0.2,0.5), got '" + text + "'", e);
        }
    }
}
