package org.gatefold.layer.attention;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StreamStates;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * How many steps of its sequence each row of a stream has had, as the first state of a layer: rows whose sequences begin anew count from 0.
 * For one layer in one pass. One thread.
 */
final class StreamedSteps {
    private final Context context;
    private final StreamStates states;
    private final Layer layer;
    private final int[] before;

    private StreamedSteps(Context context, StreamStates states, Layer layer, int[] before) {
        this.context = context;
        this.states = states;
        this.layer = layer;
        this.before = before;
    }

    static void declare(StreamStates states, Layer layer) {
        states.declare(layer, "steps", 1, 1, null);
    }

    /** Those before the pass; null if the layer is in no stream. Takes note of the steps that the pass has. */
    static StreamedSteps of(Context context, Layer layer, int steps) {
        StreamStates states = context.attached(StreamStates.class);
        if (states == null || !states.has(layer)) {
            return null;
        }
        float[] counts = states.before(layer, 0).toFloats();
        int[] before = new int[counts.length];
        for (int row = 0; row < before.length; row++) {
            before[row] = (int) counts[row];
            counts[row] += steps;
        }
        states.after(layer, 0).write(counts);
        return new StreamedSteps(context, states, layer, before);
    }

    /** Steps that a row had before. */
    int before(int row) {
        return before[row];
    }

    /** The most steps that any row had before. */
    int longest() {
        return Arrays.stream(before).max().orElse(0);
    }

    /** For every step of every row its place, in the order of {@code [T, B]}. */
    int[] places(int steps) {
        int[] places = new int[steps * before.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = before[i % before.length] + i / before.length;
        }
        return places;
    }

    /**
     * A state that has a part for each step, with the steps of this pass.
     *
     * @param number of the state
     * @param added {@code [T, B, F]}
     * @return {@code [longest + T, B, F]}: what is behind the steps of a row means nothing
     */
    Tensor extended(int number, Tensor added) {
        int rows = before.length;
        int features = added.shape().last();
        int longest = longest();
        int steps = added.shape().dim(0);
        Shape all = Shape.of(longest + steps, rows, features);
        Tensor result = states.after(layer, number).part("steps so far", 0, all);
        boolean alike = Arrays.stream(before).allMatch(count -> count == longest);
        Tensor joined = alike ? result : context.scope().f32("steps so far", all);
        if (longest > 0) {
            Shape kept = Shape.of(longest, rows, features);
            joined.part("kept", 0, kept).copyFrom(states.before(layer, number).part("kept", 0, kept));
        }
        joined.part("added", (long) longest * rows * features, added.shape()).copyFrom(added);
        if (!alike) {
            int[] from = new int[(longest + steps) * rows];
            for (int i = 0; i < from.length; i++) {
                int row = i % rows;
                int place = i / rows;
                int since = Math.min(place - before[row], steps - 1);
                from[i] = since < 0 ? i : (longest + since) * rows + row;
            }
            PickedRows.of(
                    context, Variable.constant(joined), longest + steps, rows, from, null, Variable.constant(result));
        }
        return result;
    }
}
