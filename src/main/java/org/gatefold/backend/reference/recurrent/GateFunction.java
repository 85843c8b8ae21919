package org.gatefold.backend.reference.recurrent;

import org.gatefold.backend.reference.math.Functions;
import org.gatefold.op.recurrent.GateActivation;

/**
 * An activation with the bound on what it is taken of. Immutable.
 */
final class GateFunction {
    private final GateActivation function;
    private final float clip;
    private final float lowest;
    private final float highest;

    /**
     * @param clip bound on the argument; 0 means none
     */
    GateFunction(GateActivation function, float clip) {
        this.function = function;
        this.clip = clip;
        this.lowest = (float) of(-clip);
        this.highest = (float) of(clip);
    }

    /** The value at a sum; NaN stays NaN. */
    double value(double sum) {
        return of(clip > 0 ? Math.max(-clip, Math.min(clip, sum)) : sum);
    }

    /** The slope where the value, rounded to a float, is y; 0 at the bounds. */
    double slope(double y) {
        if (clip > 0 && (y == lowest || y == highest)) {
            return 0;
        }
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> y * (1 - y);
            case TANH -> 1 - y * y;
            case RELU -> y > 0 ? 1 : 0;
            case HARD_SIGMOID -> y > 0 && y < 1 ? a : 0;
            case SOFTSIGN -> (1 - Math.abs(y)) * (1 - Math.abs(y));
            case SOFTPLUS -> -Math.expm1(-y);
            case ELU -> y > 0 ? 1 : y + a;
            case AFFINE -> a;
            case LEAKY_RELU -> y > 0 ? 1 : a;
            case THRESHOLDED_RELU -> y != 0 ? 1 : 0;
            case SCALED_TANH -> b * (a - y * y / a);
        };
    }

    private double of(double x) {
        double a = function.alpha();
        double b = function.beta();
        return switch (function.kind()) {
            case SIGMOID -> Functions.sigmoid(x);
            case TANH -> Math.tanh(x);
            case RELU -> Math.max(0, x);
            case HARD_SIGMOID -> Functions.hardSigmoid(a, b, x);
            case SOFTSIGN -> Functions.softsign(x);
            case SOFTPLUS -> Functions.softplus(x);
            case ELU -> Functions.elu(a, x);
            case AFFINE -> a * x + b;
            case LEAKY_RELU -> Functions.leakyRelu(a, x);
            case THRESHOLDED_RELU -> x >= a ? x : x < a ? 0 : x;
            case SCALED_TANH -> a * Math.tanh(b * x);
        };
    }
}
