package org.gatefold.op.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The arguments of one check on one device. Inputs are random and the same on every device, because each depends only on
 * the order in which it was asked for. Every tensor stands between margins of NaN, and outputs are NaN before each run, so
 * that an element that is not written, or read or written beside a tensor, shows. Memory belongs to the scope given; one
 * thread at a time.
 */
public final class Workbench {
    /** Elements before and after a tensor; keeps the alignment of the scope. */
    private static final int MARGIN = 64;

    private final Scope scope;
    private final SplittableRandom random = new SplittableRandom(20260101); // several times as fast as Random
    private final List<Result> results = new ArrayList<>();

    /** A tensor whose elements are looked at after a run. */
    private static final class Result {
        private final String name;
        private final Tensor whole;
        private final Tensor tensor;
        private final float[] start;

        /**
         * @param whole the tensor with its margins
         * @param start what the tensor holds before each run; null means NaN
         */
        Result(String name, Tensor whole, Tensor tensor, float[] start) {
            this.name = name;
            this.whole = whole;
            this.tensor = tensor;
            this.start = start;
        }
    }

    public Workbench(Scope scope) {
        this.scope = scope;
    }

    /** The scope that all tensors come from; plans of a check may live in it too. */
    public Scope scope() {
        return scope;
    }

    /** An input of normally distributed numbers. */
    public Tensor input(String name, int... dimensions) {
        return input(name, gaussian(1f, dimensions), dimensions);
    }

    /** An input of given elements. */
    public Tensor input(String name, float[] values, int... dimensions) {
        Tensor whole = margined(name, dimensions);
        Tensor tensor = inner(name, whole, dimensions);
        tensor.write(values);
        return tensor;
    }

    /** An input of given integers, for labels and the like. */
    public Tensor integers(String name, int... values) {
        Tensor tensor = scope.i32(name, values.length);
        tensor.write(values);
        return tensor;
    }

    /** Lengths of the rows of a padded batch of {@code steps} steps. */
    public Lengths lengths(int steps, int... rows) {
        return scope.lengths(steps, rows);
    }

    /** A tensor that a run writes completely. */
    public Tensor output(String name, int... dimensions) {
        return result(name, null, dimensions);
    }

    /** A tensor that a run adds to or updates, of small random numbers before each run. */
    public Tensor accumulator(String name, int... dimensions) {
        return accumulator(name, gaussian(0.1f, dimensions), dimensions);
    }

    /** A tensor that a run adds to or updates, of given elements before each run. */
    public Tensor accumulator(String name, float[] start, int... dimensions) {
        return result(name, start, dimensions);
    }

    private Tensor result(String name, float[] start, int... dimensions) {
        Tensor whole = margined(name, dimensions);
        Tensor tensor = inner(name, whole, dimensions);
        results.add(new Result(name, whole, tensor, start));
        return tensor;
    }

    private Tensor margined(String name, int... dimensions) {
        Tensor whole = scope.f32(name, Math.toIntExact(Shape.of(dimensions).elements() + 2 * MARGIN));
        whole.fill(Float.NaN);
        return whole;
    }

    private static Tensor inner(String name, Tensor whole, int... dimensions) {
        return whole.part(name, MARGIN, Shape.of(dimensions));
    }

    /** Normally distributed numbers times {@code scale}, as many as a tensor of these dimensions has. */
    public float[] gaussian(float scale, int... dimensions) {
        float[] values = new float[Math.toIntExact(Shape.of(dimensions).elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * scale;
        }
        return values;
    }

    /** Fills outputs with NaN and gives accumulators their first elements; comes before the first run. */
    public void reset() {
        for (Result result : results) {
            result.whole.fill(Float.NaN);
            if (result.start != null) {
                result.tensor.write(result.start);
            }
        }
    }

    /**
     * The elements of outputs and accumulators, by name, in the order in which they were made.
     *
     * @throws IllegalStateException if something was written beside one of them
     */
    Map<String, float[]> results() {
        Map<String, float[]> all = new LinkedHashMap<>();
        for (Result result : results) {
            float[] elements = result.whole.toFloats();
            int end = elements.length - MARGIN;
            for (int i = 0; i < elements.length; i++) {
                if ((i < MARGIN || i >= end) && !Float.isNaN(elements[i])) {
                    throw new IllegalStateException("element " + (i - MARGIN) + " was written, beside " + result.name
                            + " of " + (end - MARGIN) + " elements");
                }
            }
            all.put(result.name, Arrays.copyOfRange(elements, MARGIN, end));
        }
        return all;
    }
}
