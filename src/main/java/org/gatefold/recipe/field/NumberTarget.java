package org.gatefold.recipe.field;

import java.util.List;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/** A target whose answers are numbers in the scale of its column: learnt by their squares, measured by their differences. */
interface NumberTarget extends Target {
    @Override
    default Loss loss() {
        return Loss.mse();
    }

    @Override
    default List<Metric> metrics() {
        return List.of();
    }

    @Override
    default Score score(Rows rows, double[][] answers) {
        return Differences.of(rows.table().numbers(name()), rows.indices(), answers);
    }

    @Override
    default boolean higherIsBetter() {
        return false;
    }
}
