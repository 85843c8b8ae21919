package org.gatefold.layer.recurrent;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.PickedRows;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;

/** The real steps of every row in reverse order, still at the beginning of the row. Stateless; belongs to the context that is given. */
public final class ReversedSteps {
    private ReversedSteps() {}

    /**
     * @param x {@code [T, B, …]}; if it has a mask, all steps up to the row's last real one are reversed, and the mask is gone
     * @return of the same shape, 0 behind the lengths
     */
    public static Variable of(Context context, Variable x) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Lengths lengths = plain(context, x.lengths());
        int[] from = new int[steps * batch];
        int[] valid = new int[batch];
        Arrays.fill(valid, steps);
        for (int row = 0; row < batch; row++) {
            if (lengths != null) {
                valid[row] = lengths.of(row);
            }
            for (int t = 0; t < valid[row]; t++) {
                from[t * batch + row] = (valid[row] - 1 - t) * batch + row;
            }
        }
        Variable y = context.output("reversed", x.requiresGradient(), lengths, x.shape());
        PickedRows.of(context, x, steps, batch, from, lengths, y);
        return y;
    }

    private static Lengths plain(Context context, Lengths lengths) {
        Mask mask = lengths == null ? null : lengths.mask();
        return mask == null ? lengths : context.scope().lengths(lengths.steps(), mask.ends());
    }
}
