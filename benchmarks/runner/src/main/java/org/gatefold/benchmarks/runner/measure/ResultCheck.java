package org.gatefold.benchmarks.runner.measure;

import java.util.HashMap;
import java.util.Map;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.benchmarks.reference.ReferenceLayers;

/**
 * Compares results with the double-precision reference, which it computes once per shape and pass. A contestant may lack
 * tensors that its library does not hand out, but not the output, the loss, or any gradient of a weight. For one thread.
 */
public final class ResultCheck {
    /** Floating-point operations that the reference is given, a minute or so of its time. */
    private static final double MOST_FLOPS = 1e11;

    private static final int FEWEST_STEPS = 4;

    private final Map<String, Results> expected = new HashMap<>();

    /** The shape itself, or the same over its first steps only, of which the reference computes as many as it can in reasonable time. */
    static LayerShape affordable(LayerShape shape, Pass pass) {
        double ofStep = pass.flops(shape) / shape.steps();
        return shape.withSteps((int) Math.min(shape.steps(), Math.max(FEWEST_STEPS, MOST_FLOPS / ofStep)));
    }

    /** The tensor with the largest error relative to the largest expected value of that tensor. */
    Finding worst(LayerShape shape, Pass pass, Results actual) {
        Results reference = expected.computeIfAbsent(
                shape + " " + pass, key -> new ReferenceLayers(new Workload(shape)).results(pass));
        Finding worst = new Finding("none", 0);
        for (Map.Entry<String, float[]> tensor : reference.tensors().entrySet()) {
            float[] values = actual.tensors().get(tensor.getKey());
            if (values == null) {
                if (tensor.getKey().equals("hn") || tensor.getKey().equals("cn")) {
                    continue;
                }
                throw new IllegalStateException("the result lacks " + tensor.getKey());
            }
            double error = error(tensor.getKey(), tensor.getValue(), values);
            if (error > worst.error()) {
                worst = new Finding(tensor.getKey(), error);
            }
        }
        return worst;
    }

    record Finding(String tensor, double error) {}

    private static double error(String name, float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            throw new IllegalStateException(name + ": expected " + expected.length + " values, got " + actual.length);
        }
        double difference = 0;
        double scale = 1e-30;
        for (int i = 0; i < expected.length; i++) {
            if (!Float.isFinite(actual[i])) {
                throw new IllegalStateException(name + "[" + i + "] is " + actual[i]);
            }
            difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        return difference / scale;
    }
}
