package org.gatefold.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
import org.gatefold.data.Column;
import org.gatefold.model.Model;
import org.gatefold.model.Prediction;

/**
 * Predicts the rows of a partition. Some batches of rows are read at a time and sorted by length, so that a batch has little padding.
 * One thread a partition.
 */
final class Scoring implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private static final int BATCHES_AT_ONCE = 8;

    private final ValueColumn input;
    private final byte[] file;
    private final String device;
    private final int batchSize;

    Scoring(ValueColumn input, byte[] file, String device, int batchSize) {
        this.input = input;
        this.file = file;
        this.device = device;
        this.batchSize = batchSize;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        SharedModels.Shared shared = SharedModels.use(file, TaskDevice.name(TaskContext.get(), device));
        TaskContext.get().addTaskCompletionListener(context -> {
            shared.close();
        });
        return new Iterator<>() {
            private final Deque<Row> ready = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                return !ready.isEmpty() || rows.hasNext();
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (ready.isEmpty()) {
                    List<Row> some = new ArrayList<>();
                    while (some.size() < (long) batchSize * BATCHES_AT_ONCE && rows.hasNext()) {
                        some.add(rows.next());
                    }
                    ready.addAll(predict(shared.model(), some));
                }
                return ready.remove();
            }
        };
    }

    private List<Row> predict(Model model, List<Row> rows) {
        List<float[][]> values = rows.stream().map(input::read).toList();
        int[] order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(row -> values.get(row).length))
                .mapToInt(Integer::intValue)
                .toArray();
        Row[] predicted = new Row[order.length];
        for (int from = 0; from < order.length; from += batchSize) {
            int to = Math.min(order.length, from + batchSize);
            List<float[][]> batch = new ArrayList<>();
            for (int i = from; i < to; i++) {
                batch.add(values.get(order[i]));
            }
            String name = model.inputs().keySet().iterator().next();
            Column column = input.column(name, batch);
            Prediction prediction = model.predict(column).values().iterator().next();
            for (int i = from; i < to; i++) {
                Object value = prediction.form().sequence()
                        ? prediction.sequences()[i - from]
                        : prediction.rows()[i - from];
                predicted[order[i]] = with(rows.get(order[i]), value);
            }
        }
        return List.of(predicted);
    }

    /** A row with one more value. */
    static Row with(Row row, Object value) {
        Object[] values = new Object[row.size() + 1];
        for (int i = 0; i < row.size(); i++) {
            values[i] = row.get(i);
        }
        values[row.size()] = value;
        return RowFactory.create(values);
    }
}
