package org.gatefold.layer;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Tensor;

/**
 * Real steps of masked sequences, gathered at the beginning of their rows, and back: so that layers which know lengths need not
 * know masks. Stateless; belongs to the context that is given.
 */
public final class RealSteps {
    private RealSteps() {}

    /** x itself if it has no mask, else its real steps, one after the other from the first step of a row on. */
    public static Variable gather(Context context, Variable x) {
        Mask mask = x.lengths() == null ? null : x.lengths().mask();
        if (mask == null) {
            return x;
        }
        int steps = mask.steps();
        int batch = mask.batch();
        int[] from = new int[steps * batch];
        for (int row = 0; row < batch; row++) {
            int k = 0;
            for (int t = mask.next(row, 0); t >= 0; t = mask.next(row, t + 1)) {
                from[k++ * batch + row] = t * batch + row;
            }
        }
        Lengths counts = context.scope().lengths(steps, mask.counts());
        Variable y = context.output("real steps", x.requiresGradient(), counts, x.shape());
        PickedRows.of(context, x, steps, batch, from, counts, y);
        return y;
    }

    /**
     * What queries attend to: the steps gathered, whose order attention does not tell; as they are if no query may attend to later ones,
     * which the places of steps tell.
     *
     * @throws IllegalArgumentException if then the mask leaves out steps before others
     */
    public static Variable ofSource(Context context, Variable source, boolean causal) {
        if (!causal) {
            return gather(context, source);
        }
        Mask mask = source.lengths() == null ? null : source.lengths().mask();
        if (mask == null) {
            return source;
        }
        if (!Arrays.equals(mask.ends(), mask.counts())) {
            throw new IllegalArgumentException(
                    "mask: causal attention takes steps left out at the ends of rows alone; got a mask that leaves out earlier ones");
        }
        Lengths ends = context.scope().lengths(mask.steps(), mask.ends());
        return source.reshape(ends, source.shape().toArray());
    }

    /**
     * Outputs of gathered steps where these stood; in between, the output of the real step that was read before, or zeros, as
     * before the first.
     *
     * @param y {@code [T, B, D·H]}, of the steps that {@link #gather} gave
     * @param lengths of the sequence before that
     * @param reverse for each direction whether it reads from the last step to the first
     * @param repeat whether the last output is repeated
     */
    public static Variable scatter(Context context, Variable y, Lengths lengths, boolean[] reverse, boolean repeat) {
        return scatter(context, y, lengths, reverse, repeat, y, 0);
    }

    /**
     * As {@link #scatter(Context, Variable, Lengths, boolean[], boolean)} of one direction that goes on: before the first real step the
     * last output of the steps before is repeated.
     *
     * @param before {@code [1, B, H]}
     */
    public static Variable scatterOn(Context context, Variable y, Lengths lengths, Tensor before) {
        int steps = y.shape().dim(0);
        int batch = y.shape().dim(1);
        int features = y.shape().dim(2);
        Tensor joined = context.scope().f32("outputs", steps + 1, batch, features);
        joined.part("before", 0, before.shape()).copyFrom(before);
        joined.part("outputs", (long) batch * features, y.shape()).copyFrom(y.value());
        return scatter(context, y, lengths, new boolean[1], true, Variable.constant(joined), 1);
    }

    /** @param table of the outputs from its step {@code first} on; if that is 1, what is shown before the first real step is in 0 */
    private static Variable scatter(
            Context context,
            Variable y,
            Lengths lengths,
            boolean[] reverse,
            boolean repeat,
            Variable table,
            int first) {
        Mask mask = lengths.mask();
        int steps = mask.steps();
        int batch = mask.batch();
        int directions = reverse.length;
        int[] from = new int[steps * batch * directions];
        int[] counts = mask.counts();
        for (int row = 0; row < batch; row++) {
            for (int d = 0; d < directions; d++) {
                // A row with a step that is not real has zeros in its last.
                int zeros = first == 1 ? row : (steps - 1) * batch + row;
                int read = -1;
                int before = -1;
                for (int i = 0; i < steps; i++) {
                    int t = reverse[d] ? steps - 1 - i : i;
                    boolean real = mask.isReal(row, t);
                    if (real) {
                        read++;
                        before = (first + (reverse[d] ? counts[row] - 1 - read : read)) * batch + row;
                    }
                    int shown = real || (repeat && before >= 0) ? before : zeros;
                    from[(t * batch + row) * directions + d] = shown * directions + d;
                }
            }
        }
        Variable placed = context.output("y", y.requiresGradient(), lengths, y.shape());
        PickedRows.of(context, table, steps, batch * directions, from, null, placed);
        return placed;
    }
}
