package org.gatefold.recipe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;

/**
 * Which rows are trained on, held back and tested on; none is two of these. Immutable.
 *
 * @param training all rows of the training part
 * @param fitted those of them that are learnt from: all but its end, or all if rows of another table are held back
 * @param heldBack its end, or those of another table, by which the best epoch is found; may be empty
 * @param test the rows after the training part, or those of another table
 */
record Split(Rows training, Rows fitted, Rows heldBack, Rows test) {
    /** Whatever the seed of a run, so that runs of several seeds are tested on the same rows. */
    private static final long ORDER = 1;

    /**
     * @param data all rows, but those to test on if there is a table for them
     * @param valid rows to hold back; null for the end of the training part
     * @param test rows to test on; null for the end of {@code data}
     * @param anyOrder whether rows are shuffled first
     * @throws UsageException if the options leave no row to train on or to test on
     */
    static Split of(Table data, Table valid, Table test, Options options, boolean anyOrder) {
        int all = data.rows();
        int count = options.isGiven(Options.TRAIN_ROWS) || test == null ? options.trainingRows(all) : all;
        int most = test == null ? all - 1 : all;
        if (count < 1 || count > most) {
            throw new UsageException("training rows: expected 1 to " + most + " of the " + all + " rows, got " + count);
        }
        Rows ordered = anyOrder ? shuffled(data) : Rows.all(data);
        Rows training = ordered.slice(0, count);
        int fitted = valid == null ? count - (int) Math.round(count * options.validation()) : count;
        return new Split(
                training,
                training.slice(0, fitted),
                valid == null ? training.slice(fitted, count) : Rows.all(valid),
                test == null ? ordered.slice(count, all) : Rows.all(test));
    }

    private static Rows shuffled(Table data) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, data.rows()).boxed().toList());
        Collections.shuffle(order, new Random(ORDER));
        return Rows.of(data, order.stream().mapToInt(Integer::intValue).toArray());
    }
}
