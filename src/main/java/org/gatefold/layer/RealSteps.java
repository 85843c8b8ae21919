package org.gatefold.layer;

import org.gatefold.autograd.Variable;
import org.gatefold.op.embedding.EmbeddingOp;
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
        return pick(context, x, from, batch, counts, counts);
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
        Mask mask = lengths.mask();
        int steps = mask.steps();
        int batch = mask.batch();
        int directions = reverse.length;
        int[] from = new int[steps * batch * directions];
        for (int row = 0; row < batch; row++) {
            for (int d = 0; d < directions; d++) {
                // A row with a step that is not real has zeros in its last.
                int zeros = (steps - 1) * batch + row;
                int read = -1;
                int before = -1;
                int count = mask.counts()[row];
                for (int i = 0; i < steps; i++) {
                    int t = reverse[d] ? steps - 1 - i : i;
                    boolean real = mask.isReal(row, t);
                    if (real) {
                        read++;
                        before = (reverse[d] ? count - 1 - read : read) * batch + row;
                    }
                    int shown = real || (repeat && before >= 0) ? before : zeros;
                    from[(t * batch + row) * directions + d] = shown * directions + d;
                }
            }
        }
        return pick(context, y, from, batch * directions, null, lengths);
    }

    /**
     * Rows of a sequence by index.
     *
     * @param from for every row of the result the row of x, seen as {@code [N, features]}, in {@code [T, columns]}
     * @param valid behind which the result is 0; null means all is picked
     * @param lengths of the result
     */
    private static Variable pick(Context context, Variable x, int[] from, int columns, Lengths valid, Lengths lengths) {
        EmbeddingOp op = context.op(EmbeddingOp.class);
        int steps = from.length / columns;
        int rows = from.length;
        int features = Math.toIntExact(x.shape().elements() / rows);
        Tensor ids = context.scope().i32("steps picked", steps, columns);
        ids.write(from);
        Variable y = context.output("y", x.requiresGradient(), lengths, x.shape());
        op.forward(ids, valid, x.value().reshape(rows, features), 0f, y.value().reshape(steps, columns, features));
        if (y.requiresGradient()) {
            Tensor sorted = context.scope().i32("steps sorted", rows);
            Tensor positions = context.scope().i32("positions", rows);
            op.sort(ids, valid, rows, -1, sorted, positions);
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                dx.fill(0f);
                op.backward(sorted, positions, y.gradient().reshape(rows, features), dx.reshape(rows, features));
                x.contributed(dx);
            });
        }
        return y;
    }
}
