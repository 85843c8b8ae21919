package org.gatefold.contract.oracle;

import org.gatefold.op.recurrent.GateActivation;

/** Activations of gates in doubles; slopes from the argument, where implementations take them from the value. */
record NaiveActivation(GateActivation function, double clip) {
    double value(double x) {
        return of(bounded(x) ? Math.copySign(clip, x) : x);
    }

    double slope(double x) {
        if (bounded(x)) {
            return 0;
        }
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> Math.exp(-x) / Math.pow(1 + Math.exp(-x), 2);
            case TANH -> 1 / Math.pow(Math.cosh(x), 2);
            case RELU -> x > 0 ? 1 : 0;
            case HARD_SIGMOID -> a * x + b > 0 && a * x + b < 1 ? a : 0;
            case SOFTSIGN -> 1 / Math.pow(1 + Math.abs(x), 2);
            case SOFTPLUS -> 1 / (1 + Math.exp(-x));
            case ELU -> x > 0 ? 1 : a * Math.exp(x);
            case AFFINE -> a;
            case LEAKY_RELU -> x > 0 ? 1 : a;
            case THRESHOLDED_RELU -> x >= a ? 1 : 0;
            case SCALED_TANH -> a * b / Math.pow(Math.cosh(b * x), 2);
        };
    }

    private boolean bounded(double x) {
        return clip > 0 && Math.abs(x) >= clip;
    }

    private double of(double x) {
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case RELU -> x > 0 ? x : 0;
            case HARD_SIGMOID -> Math.min(1, Math.max(0, a * x + b));
            case SOFTSIGN -> x / (1 + Math.abs(x));
            case SOFTPLUS -> Math.log(1 + Math.exp(x));
            case ELU -> x > 0 ? x : a * (Math.exp(x) - 1);
            case AFFINE -> a * x + b;
            case LEAKY_RELU -> x > 0 ? x : a * x;
            case THRESHOLDED_RELU -> x >= a ? x : 0;
            case SCALED_TANH -> a * Math.tanh(b * x);
        };
    }
}
