package org.gatefold.spark.scoring;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapGroupsWithStateFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.GroupState;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.spark.column.NumberColumn;
import org.gatefold.spark.column.ValueColumn;
import org.gatefold.spark.task.TaskDevice;

/**
 * Takes the rows of a key as steps of one sequence and predicts after each. Between batches of rows a sequence is the bytes of its states,
 * which Spark keeps, until the key has been silent for a time where one is set. A task has one stream of the model, which goes from key
 * to key.
 */
public final class StreamScoring implements FlatMapGroupsWithStateFunction<String, Row, byte[], Row> {
    private static final long serialVersionUID = 1L;

    private static final Map<Long, Open> OPEN = new ConcurrentHashMap<>();

    private final ValueColumn input;
    private final NumberColumn output;
    private final int time;
    private final byte[] file;
    private final String device;
    private final StateTime silence;

    /** The stream of a task, and its use of the model. */
    private record Open(SharedModels.Shared<Model> shared, ModelStream stream) {
        void close() {
            stream.close();
            shared.close();
        }
    }

    /**
     * @param output what each step gives
     * @param time index of the column by which the steps of a key are in order
     * @param silence by which states of a key are kept
     */
    public StreamScoring(
            ValueColumn input, NumberColumn output, int time, byte[] file, String device, StateTime silence) {
        this.input = input;
        this.output = output;
        this.time = time;
        this.file = file;
        this.device = device;
        this.silence = silence;
    }

    @Override
    public Iterator<Row> call(String key, Iterator<Row> rows, GroupState<byte[]> state) {
        if (state.hasTimedOut()) {
            state.remove();
            return Collections.emptyIterator();
        }
        ModelStream stream = stream(TaskContext.get());
        List<Row> steps = new ArrayList<>();
        rows.forEachRemaining(steps::add);
        steps.sort(Comparator.comparing(this::moment));
        if (state.exists()) {
            stream.restore(state.get());
        } else {
            stream.reset();
        }
        List<Row> predicted = new ArrayList<>();
        for (Row step : steps) {
            predicted.add(Scoring.with(step, output.value(stream.step(input.read(step))[0])));
        }
        state.update(stream.save());
        silence.begin(state, steps.get(steps.size() - 1).get(time));
        return predicted.iterator();
    }

    @SuppressWarnings("unchecked") // Spark's times and numbers can be compared with their like
    private Comparable<Object> moment(Row row) {
        Object moment = row.get(time);
        if (moment == null) {
            throw new IllegalArgumentException("timeCol: expected a moment in every row, got null in " + row);
        }
        return (Comparable<Object>) moment;
    }

    private ModelStream stream(TaskContext task) {
        return OPEN
                .computeIfAbsent(task.taskAttemptId(), attempt -> {
                    Open open = open(task);
                    task.addTaskCompletionListener(context -> {
                        OPEN.remove(attempt).close();
                    });
                    return open;
                })
                .stream();
    }

    @SuppressWarnings("MustBeClosedChecker") // closed when the task ends
    private Open open(TaskContext task) {
        SharedModels.Shared<Model> shared = SharedModels.use(SharedModels.NETWORK, file, TaskDevice.name(task, device));
        return new Open(shared, shared.model().stream(1));
    }
}
