package org.gatefold.layer.cell;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;

/**
 * The rows of a batch by falling length, each from the step that is read first, so that at every step the rows that have not ended are
 * the first ones; PyTorch's PackedSequence. Immutable.
 */
final class RowOrder {
    private final int steps;
    private final int batch;
    private final boolean reverse;
    private final boolean given;
    private final boolean asGiven;
    private final int[] lengths;
    private final int[] rows;
    private final int[] places;

    /**
     * @param x {@code [T, B, …]}, without a mask
     * @param reverse whether rows are read from their last step to their first
     */
    RowOrder(Variable x, boolean reverse) {
        this.steps = x.shape().dim(0);
        this.batch = x.shape().dim(1);
        this.reverse = reverse;
        this.given = x.lengths() != null;
        this.asGiven = asGiven(given, reverse);
        lengths = new int[batch];
        if (x.lengths() == null) {
            Arrays.fill(lengths, steps);
        } else {
            System.arraycopy(x.lengths().toArray(), 0, lengths, 0, batch);
        }
        rows = IntStream.range(0, batch)
                .boxed()
                .sorted(Comparator.comparingInt((Integer row) -> -lengths[row]))
                .mapToInt(Integer::intValue)
                .toArray();
        places = new int[batch];
        for (int place = 0; place < batch; place++) {
            places[rows[place]] = place;
        }
    }

    /** Whether rows stay where they are: those of sequences without lengths that are read from their first step on. */
    private static boolean asGiven(boolean lengths, boolean reverse) {
        return !lengths && !reverse;
    }

    /**
     * Reports what {@link #sorted}, and {@link #restored} or {@link #last}, take from the step's arena.
     *
     * @param in elements of x
     * @param features of a step of the output
     * @param sequences whether the whole output is restored
     */
    static void account(
            StepMemory memory, int steps, int batch, boolean reverse, long in, int features, boolean sequences) {
        if (!sequences) {
            memory.differentiable((long) batch * features);
            PickedRows.account(memory, batch);
            memory.lengths(batch);
        }
        if (asGiven(memory.hasLengths(), reverse)) {
            return;
        }
        long rows = (long) steps * batch;
        memory.tensor(batch);
        memory.differentiable(in);
        PickedRows.account(memory, rows);
        if (sequences) {
            memory.differentiable(rows * features);
            PickedRows.account(memory, rows);
        }
    }

    /** Reports what {@link #sortedStates} or {@link #restoredStates} takes for a state without a gradient. */
    static void accountStates(StepMemory memory, int batch, boolean reverse, int size) {
        if (!asGiven(memory.hasLengths(), reverse)) {
            memory.tensor((long) batch * size);
            memory.tensor(batch);
        }
    }

    /** The same for a state with a gradient. */
    static void accountVariables(StepMemory memory, int batch, boolean reverse, int size) {
        if (!asGiven(memory.hasLengths(), reverse)) {
            memory.differentiable((long) batch * size);
            PickedRows.account(memory, batch);
        }
    }

    /** How many rows have a step of this number. */
    int active(int step) {
        int count = 0;
        while (count < batch && lengths[rows[count]] > step) {
            count++;
        }
        return count;
    }

    /** x in this order, 0 behind the lengths. */
    Variable sorted(Context context, Variable x) {
        if (asGiven) {
            return x;
        }
        int[] from = new int[steps * batch];
        int[] valid = new int[batch];
        for (int place = 0; place < batch; place++) {
            int row = rows[place];
            valid[place] = lengths[row];
            for (int t = 0; t < lengths[row]; t++) {
                from[t * batch + place] = source(row, t) * batch + row;
            }
        }
        Lengths own = context.scope().lengths(steps, valid);
        Variable y = context.output("sorted", x.requiresGradient(), own, x.shape());
        PickedRows.of(context, x, steps, batch, from, own, y);
        return y;
    }

    /** What was computed in this order, in the order of x; with the lengths of x, behind which it is 0. */
    Variable restored(Context context, Variable y, Lengths valid) {
        if (asGiven) {
            return y;
        }
        int[] from = new int[steps * batch];
        for (int row = 0; row < batch; row++) {
            for (int t = 0; t < lengths[row]; t++) {
                from[t * batch + row] = source(row, t) * batch + places[row];
            }
        }
        Variable restored = context.output("y", y.requiresGradient(), valid, y.shape());
        PickedRows.of(context, y, steps, batch, from, valid, restored);
        return restored;
    }

    /**
     * The last step of each row of what was computed in this order, 0 where there is none.
     *
     * @return {@code [B, F]} in the order of x
     */
    Variable last(Context context, Variable y) {
        int[] from = new int[batch];
        int[] has = new int[batch];
        for (int row = 0; row < batch; row++) {
            has[row] = Math.min(1, lengths[row]);
            from[row] = Math.max(0, lengths[row] - 1) * batch + places[row];
        }
        Variable last = context.output(
                "last y", y.requiresGradient(), null, Shape.of(batch, y.shape().last()));
        PickedRows.of(context, y, 1, batch, from, given ? context.scope().lengths(1, has) : null, last);
        return last;
    }

    /** States {@code [B, F]} in this order. */
    Variable sortedStates(Context context, Variable state) {
        return picked(context, state, rows);
    }

    /** States {@code [B, F]} in the order of x. */
    Variable restoredStates(Context context, Variable state) {
        return picked(context, state, places);
    }

    private Variable picked(Context context, Variable state, int[] from) {
        if (asGiven) {
            return state;
        }
        Variable y = context.output("state", state.requiresGradient(), null, state.shape());
        PickedRows.of(context, state, 1, batch, from, null, y);
        return y;
    }

    /** The step of a row that is read at step t, and the other way round. */
    private int source(int row, int t) {
        return reverse ? lengths[row] - 1 - t : t;
    }
}
