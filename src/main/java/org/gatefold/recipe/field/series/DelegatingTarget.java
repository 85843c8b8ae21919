package org.gatefold.recipe.field.series;

import java.util.List;
import java.util.Optional;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;

/** A target that reads, shows and speaks of its rows as another one does, in whatever it does not say itself. */
public interface DelegatingTarget extends NumberTarget {
    /** The other one. */
    NumberTarget shown();

    @Override
    default String name() {
        return shown().name();
    }

    @Override
    default int before() {
        return shown().before();
    }

    @Override
    default int span() {
        return shown().span();
    }

    @Override
    default String summary() {
        return shown().summary();
    }

    @Override
    default Rows examples(Rows rows) {
        return shown().examples(rows);
    }

    @Override
    default boolean isKnown(Table table) {
        return shown().isKnown(table);
    }

    @Override
    default List<Baseline> baselines() {
        return shown().baselines();
    }

    @Override
    default Rows asked(Table table, boolean known) {
        return shown().asked(table, known);
    }

    @Override
    default String warning(Rows rows) {
        return shown().warning(rows);
    }

    @Override
    default boolean isCalibrated() {
        return shown().isCalibrated();
    }

    @Override
    default String remark(Score score) {
        return shown().remark(score);
    }

    @Override
    default String counted(int rows) {
        return shown().counted(rows);
    }

    @Override
    default List<String> header() {
        return shown().header();
    }

    @Override
    default Optional<String> kept() {
        return shown().kept();
    }
}
