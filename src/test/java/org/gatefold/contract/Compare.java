package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Comparison of results, each tensor by its own scale. */
public final class Compare {
    private Compare() {}

    /** {@code max|a - e| / max|e|}; infinite if an element is NaN or infinite where the other is not. */
    public static double normalisedError(float[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 1e-30;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            if (Double.isNaN(expected[i]) && Float.isNaN(actual[i])) {
                continue;
            }
            if (!Double.isFinite(expected[i]) || !Float.isFinite(actual[i])) {
                error = expected[i] == actual[i] ? error : Double.POSITIVE_INFINITY;
                continue;
            }
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        return error / largest;
    }

    /** One line for every tensor that is missing or differs by more than the tolerance. */
    public static List<String> differences(
            Map<String, float[]> actual, Map<String, double[]> expected, double tolerance) {
        List<String> found = new ArrayList<>();
        expected.forEach((name, values) -> {
            if (!actual.containsKey(name)) {
                found.add(name + " is missing");
                return;
            }
            double error = normalisedError(actual.get(name), values);
            if (!(error <= tolerance)) {
                found.add(name + " differs by " + error + " of its largest element");
            }
        });
        return found;
    }

    /** Asserts equality bit by bit. */
    public static void assertSameBits(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertSameBits(name, actual.get(name), values));
    }

    /** Asserts equality bit by bit. */
    public static void assertSameBits(String name, float[] actual, float[] expected) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
                assertThat(actual[i])
                        .as("%s[%d], bits %08x", name, i, Float.floatToRawIntBits(actual[i]))
                        .isEqualTo(expected[i])
                        .isNull();
            }
        }
    }

    /** Asserts that a tensor is within a tolerance of its largest element. */
    public static void assertClose(String name, float[] actual, double[] expected, double tolerance) {
        assertThat(normalisedError(actual, expected))
                .as("normalised error of %s", name)
                .isLessThanOrEqualTo(tolerance);
    }

    /** The same numbers as doubles. */
    public static double[] doubles(float[] values) {
        if (values == null) {
            return null;
        }
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
