package org.gatefold.spark.training;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.gatefold.spark.column.ValueColumn;
import scala.Tuple2;

/**
 * Reads every row once before workers are brought together, so that one that cannot be read is told of by the driver, once: a task that
 * failed of it would be tried again and again.
 */
public final class RowCheck implements FlatMapFunction<Iterator<Tuple2<Long, Row>>, RowCheck.Found> {
    private static final long serialVersionUID = 1L;

    private final ValueColumn input;
    private final ValueColumn label;
    private final TrainingShare share;

    public RowCheck(ValueColumn input, ValueColumn label, TrainingShare share) {
        this.input = input;
        this.label = label;
        this.share = share;
    }

    /**
     * What a partition has.
     *
     * @param busy the workers that have a row of it
     * @param bad number of its first row that cannot be read; below 0 if there is none
     */
    record Found(HashSet<Integer> busy, long bad, String message) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public Iterator<Found> call(Iterator<Tuple2<Long, Row>> rows) {
        HashSet<Integer> busy = new HashSet<>();
        while (rows.hasNext()) {
            Tuple2<Long, Row> row = rows.next();
            try {
                input.read(row._2);
                label.read(row._2);
            } catch (IllegalArgumentException e) {
                return List.of(new Found(busy, row._1, e.getMessage())).iterator();
            }
            if (!share.measures(row._1)) {
                busy.add(share.worker(row._1));
            }
        }
        return List.of(new Found(busy, -1, null)).iterator();
    }

    /**
     * Checks all rows.
     *
     * @throws IllegalArgumentException naming the first that cannot be read, or telling that there are more workers than rows
     */
    public void all(JavaPairRDD<Long, Row> numbered) {
        List<Found> found = numbered.map(row -> row).mapPartitions(this).collect();
        found.stream()
                .filter(each -> each.bad() >= 0)
                .min(Comparator.comparing(Found::bad))
                .ifPresent(first -> {
                    throw new IllegalArgumentException(first.message());
                });
        Set<Integer> busy = new HashSet<>();
        found.stream().map(Found::busy).forEach(busy::addAll);
        if (busy.size() < share.workers()) {
            throw new IllegalArgumentException("workers: expected each to have a row, got " + share.workers()
                    + " workers of which " + (share.workers() - busy.size()) + " have none");
        }
    }
}
