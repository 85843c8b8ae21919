package org.gatefold.spark.scoring;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.gatefold.spark.task.TaskDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the rows of a partition. Some batches of rows are read at a time and sorted by length, so that a batch has little padding.
 * One thread a partition.
 *
 * @param <V> what is read of a row
 * @param <M> what answers
 */
public abstract class Scoring<V, M extends AutoCloseable> implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(Scoring.class);
    private static final int BATCHES_AT_ONCE = 8;

    private final Way way;

    /**
     * What all do alike.
     *
     * @param file the model's
     * @param device by Gatefold's name
     * @param added columns
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Way(byte[] file, String device, int batchSize, InvalidRows invalid, int added)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    Scoring(Way way) {
        this.way = way;
    }

    abstract SharedModels.Kind<M> kind();

    /** @throws IllegalArgumentException naming the row if it cannot be read */
    abstract V read(Row row);

    abstract int length(V value);

    /**
     * The values of the columns that are added.
     *
     * @throws IllegalArgumentException naming a row that cannot be read after all
     */
    abstract List<Object[]> answers(M model, List<V> batch);

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        SharedModels.Shared<M> shared =
                SharedModels.use(kind(), way.file(), TaskDevice.name(TaskContext.get(), way.device()));
        TaskContext.get().addTaskCompletionListener(context -> {
            shared.close();
        });
        return new Iterator<>() {
            private final Deque<Row> ready = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                while (ready.isEmpty() && rows.hasNext()) {
                    List<Row> some = new ArrayList<>();
                    while (some.size() < (long) way.batchSize() * BATCHES_AT_ONCE && rows.hasNext()) {
                        some.add(rows.next());
                    }
                    ready.addAll(predict(shared.model(), some));
                }
                return !ready.isEmpty();
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return ready.remove();
            }
        };
    }

    private List<Row> predict(M model, List<Row> rows) {
        List<V> values = new ArrayList<>();
        for (Row row : rows) {
            values.add(valid(row));
        }
        int[] order = IntStream.range(0, rows.size())
                .filter(row -> values.get(row) != null)
                .boxed()
                .sorted(Comparator.comparingInt(row -> length(values.get(row))))
                .mapToInt(Integer::intValue)
                .toArray();
        Object[][] found = new Object[rows.size()][];
        for (int from = 0; from < order.length; from += way.batchSize()) {
            int[] some = Arrays.copyOfRange(order, from, Math.min(order.length, from + way.batchSize()));
            List<Object[]> answers =
                    valid(model, Arrays.stream(some).mapToObj(values::get).toList());
            for (int i = 0; i < some.length; i++) {
                found[some[i]] = answers.get(i);
            }
        }
        List<Row> predicted = new ArrayList<>();
        for (int row = 0; row < found.length; row++) {
            if (found[row] != null || way.invalid() == InvalidRows.KEEP) {
                predicted.add(with(rows.get(row), found[row] == null ? new Object[way.added()] : found[row]));
            }
        }
        return predicted;
    }

    /** What is read of a row; null if it cannot be read and nobody minds. */
    private V valid(Row row) {
        try {
            return read(row);
        } catch (IllegalArgumentException e) {
            notice(e);
            return null;
        }
    }

    /** The answers for a batch; null for rows that cannot be read, if nobody minds. */
    private List<Object[]> valid(M model, List<V> batch) {
        try {
            return answers(model, batch);
        } catch (IllegalArgumentException e) {
            if (batch.size() == 1 || way.invalid() == InvalidRows.ERROR) {
                notice(e);
                return Arrays.asList(new Object[1][]);
            }
            List<Object[]> each = new ArrayList<>();
            batch.forEach(value -> each.addAll(valid(model, List.of(value))));
            return each;
        }
    }

    private void notice(IllegalArgumentException e) {
        if (way.invalid() == InvalidRows.ERROR) {
            throw e;
        }
        LOG.warn("{}", e.getMessage());
    }

    /** A row with more values. */
    static Row with(Row row, Object... more) {
        Object[] values = new Object[row.size() + more.length];
        for (int i = 0; i < row.size(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(more, 0, values, row.size(), more.length);
        return RowFactory.create(values);
    }
}
