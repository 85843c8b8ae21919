package org.gatefold.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

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
     * @param tested tells rows to test on by their names; null if the last ones are
     * @throws UsageException if the options leave no row to train on or to test on
     */
    static Split of(Table data, Table valid, Table test, Options options, boolean anyOrder, Predicate<String> tested) {
        if (tested != null) {
            return byName(data, valid, test, options, tested);
        }
        int[] starts = anyOrder ? new int[1] : starts(data);
        if (starts.length > 1) {
            return ofEach(data, starts, valid, test, options);
        }
        int all = data.rows();
        int count = options.isGiven(Options.TRAIN_ROWS) || test == null ? options.trainingRows(all) : all;
        int most = test == null ? all - 1 : all;
        if (count < 1 || count > most) {
            throw new UsageException("training rows: expected 1 to " + most + " of the " + all + " rows, got " + count);
        }
        Rows ordered = anyOrder ? shuffled(data) : Rows.all(data);
        return of(ordered.slice(0, count), valid, test == null ? ordered.slice(count, all) : Rows.all(test), options);
    }

    /** The first row of each series. */
    private static int[] starts(Table data) {
        return IntStream.range(0, data.rows())
                .filter(row -> data.before(row) == 0)
                .toArray();
    }

    /** The beginning of each series to train on, and the rest of each to test on. */
    private static Split ofEach(Table data, int[] starts, Table valid, Table test, Options options) {
        boolean whole = test != null && options.find(Options.TRAIN_ROWS).isEmpty();
        IntStream.Builder fitted = IntStream.builder();
        IntStream.Builder held = IntStream.builder();
        IntStream.Builder training = IntStream.builder();
        IntStream.Builder tested = IntStream.builder();
        for (int i = 0; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : data.rows();
            int all = end - starts[i];
            int count = whole ? all : options.trainingRows(all);
            int most = test == null ? all - 1 : all;
            if (count < 1 || count > most) {
                throw new UsageException("training rows: expected 1 to " + most + " of the " + all + " rows from "
                        + data.where(starts[i], data.names().get(0)) + " on, got " + count);
            }
            int known = valid == null ? count - (int) Math.round(count * options.validation()) : count;
            IntStream.range(starts[i], starts[i] + known).forEach(fitted);
            IntStream.range(starts[i] + known, starts[i] + count).forEach(held);
            IntStream.range(starts[i], starts[i] + count).forEach(training);
            IntStream.range(starts[i] + count, end).forEach(tested);
        }
        return new Split(
                Rows.of(data, training.build().toArray()),
                Rows.of(data, fitted.build().toArray()),
                valid == null ? Rows.of(data, held.build().toArray()) : Rows.all(valid),
                test == null ? Rows.of(data, tested.build().toArray()) : Rows.all(test));
    }

    /** Options by which this split is made again: of several series, each of which has a number of rows of its own, as they are. */
    Options settled(Options options) {
        return starts(training.table()).length > 1 ? options : options.settled(Options.TRAIN_ROWS, training.size());
    }

    private static Split of(Rows training, Table valid, Rows test, Options options) {
        int count = training.size();
        int fitted = valid == null ? count - (int) Math.round(count * options.validation()) : count;
        return new Split(
                training,
                training.slice(0, fitted),
                valid == null ? training.slice(fitted, count) : Rows.all(valid),
                test);
    }

    /**
     * Splits for cross-validation: each tests on a part of the rows, and trains on the others. They are the rows of both parts, or of the
     * training part alone where others are tested on.
     *
     * @param count of parts; 0 for none
     * @throws UsageException if there are fewer rows
     */
    List<Split> folds(Options options, int count) {
        Table table = training.table();
        int[] all = test.table() == table
                ? IntStream.concat(Arrays.stream(training.indices()), Arrays.stream(test.indices()))
                        .toArray()
                : training.indices();
        if (count > all.length) {
            throw new UsageException(
                    Options.FOLDS + ": expected at most as many as rows, " + all.length + ", got " + count);
        }
        Table valid = heldBack.table() == table ? null : heldBack.table();
        return IntStream.range(0, count)
                .mapToObj(fold -> of(
                        Rows.of(table, every(all, i -> i % count != fold)),
                        valid,
                        Rows.of(table, every(all, i -> i % count == fold)),
                        options))
                .toList();
    }

    /**
     * Checks that there are examples of all parts.
     *
     * @param fields not yet fitted
     * @throws IllegalArgumentException naming the table that has too few rows
     */
    void requireExamples(Fields fields, Options options) {
        String source = training.table().source();
        long needed = (long) fields.before() + fields.target().span();
        if (fields.examples(fitted).size() == 0) {
            throw new IllegalArgumentException(source + ": expected at least " + needed
                    + " training rows for an example (" + fields.summary() + "), got " + fitted.size());
        }
        if (options.validation() > 0 && fields.examples(heldBack).size() == 0) {
            throw new IllegalArgumentException(source + ": " + training.size()
                    + " training rows are too few to hold " + options.validation() + " of them back ("
                    + fields.summary() + ")");
        }
        if (fields.examples(test).size() == 0) {
            throw new IllegalArgumentException(test.table().source() + ": expected at least "
                    + fields.target().span() + " test rows, got " + test.size());
        }
    }

    private static int[] every(int[] rows, IntPredicate place) {
        return IntStream.range(0, rows.length).filter(place).map(i -> rows[i]).toArray();
    }

    private static Split byName(Table data, Table valid, Table test, Options options, Predicate<String> tested) {
        if (test != null) {
            throw new UsageException("expected --test or a pattern of the names to test on, got both");
        }
        Rows all = shuffled(data);
        int[] chosen = Arrays.stream(all.indices())
                .filter(row -> tested.test(data.rowName(row)))
                .toArray();
        int[] others = Arrays.stream(all.indices())
                .filter(row -> !tested.test(data.rowName(row)))
                .toArray();
        if (chosen.length == 0 || others.length == 0) {
            throw new UsageException(data.source() + ": expected rows to train on and to test, got " + others.length
                    + " and " + chosen.length + " by the pattern of names");
        }
        return of(Rows.of(data, others), valid, Rows.of(data, chosen), options);
    }

    private static Rows shuffled(Table data) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, data.rows()).boxed().toList());
        Collections.shuffle(order, new Random(ORDER));
        return Rows.of(data, order.stream().mapToInt(Integer::intValue).toArray());
    }
}
