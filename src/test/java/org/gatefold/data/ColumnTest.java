package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;

class ColumnTest {
    /** Step s of the series is {s, -s}. */
    private static float[][] series(int steps) {
        return IntStream.range(0, steps).mapToObj(s -> new float[] {s, -s}).toArray(float[][]::new);
    }

    private static BatchColumn filled(Column column) {
        return Dataset.of(column).batch().inputs().get(0);
    }

    private static float[] numbers(BatchColumn column) {
        float[] all = new float[column.targetRows() * column.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = column.number(i / column.size(), i % column.size());
        }
        return all;
    }

    @Test
    void everyMakerHasItsForm() {
        assertThat(Column.sequences("x", new float[][][] {{{1, 2}}, {}}).form()).isEqualTo(Form.sequences(2));
        assertThat(Column.numbers("x", new float[][] {{1, 2}, {3}}).form()).isEqualTo(Form.sequences(1));
        assertThat(Column.rows("x", new float[][] {{1, 2, 3}}).form()).isEqualTo(Form.rows(3));
        assertThat(Column.numbers("x", 1, 2).form()).isEqualTo(Form.rows(1));
        assertThat(Column.rows("x", new float[5][12], 3, 2, 2).form()).isEqualTo(Form.rows(3, 2, 2));
        assertThat(Column.sequences("x", new float[5][4][12], 3, 2, 2).form()).isEqualTo(Form.sequences(3, 2, 2));
        assertThat(Column.tokens("x", new int[][] {{1, 2}, {}}).form()).isEqualTo(Form.tokens());
        assertThat(Column.labels("x", 1, 2, 3).form()).isEqualTo(Form.ids());
        assertThat(Column.windows("x", series(5), 3, 0, 2).form()).isEqualTo(Form.sequences(2));
    }

    @Test
    void everyFormIsLaidOutAsItSays() {
        assertThat(numbers(filled(Column.rows("x", new float[][] {{1, 2, 3, 4}, {5, 6, 7, 8}}, 2, 1, 2))))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        BatchColumn frames = filled(Column.sequences("x", new float[][][] {{{1, 2}, {3, 4}}, {{5, 6}}}, 1, 1, 2));
        assertThat(numbers(frames)).containsExactly(1, 2, 5, 6, 3, 4, 0, 0);
        assertThat(frames.length(1)).isEqualTo(1);
        BatchColumn tokens = filled(Column.tokens("x", new int[][] {{7, 8, 9}, {5}}));
        assertThat(IntStream.range(0, 6).map(tokens::id)).containsExactly(7, 5, 8, 0, 9, 0);
        assertThat(numbers(filled(Column.numbers("x", 4, 5, 6)))).containsExactly(4, 5, 6);
        BatchColumn labels = filled(Column.labels("x", 4, 5, 6).select(2, 0));
        assertThat(IntStream.range(0, 2).map(labels::id)).containsExactly(6, 4);
    }

    @Test
    void windowsShareTheSeries() {
        Column windows = Column.windows("x", series(9), 3, 0, 4, 6, 4);
        assertThat(numbers(filled(windows.select(1, 2)))).containsExactly(4, -4, 6, -6, 5, -5, 7, -7, 6, -6, 8, -8);
        for (int row = 0; row < windows.size(); row++) {
            assertThat(windows.numbers(row)).isSameAs(windows.numbers(0)).hasSize(18);
        }
        assertThat(windows.slice(2, 4).numbers(0)).isSameAs(windows.numbers(0));
    }

    @Test
    void slicesShareMemoryAndArraysComingInAreCopied() {
        float[][][] values = {{{1}}, {{2}}, {{3}}};
        Column column = Column.sequences("x", values);
        values[1][0][0] = 9;
        assertThat(numbers(filled(column))).containsExactly(1, 2, 3);
        assertThat(column.slice(1, 3).numbers(0)).isSameAs(column.numbers(1));
        assertThat(column.named("y").numbers(2)).isSameAs(column.numbers(2));
        assertThat(column.named("y").name()).isEqualTo("y");
        int[] labels = {1, 2};
        Column ids = Column.labels("x", labels);
        labels[0] = 5;
        assertThat(filled(ids).id(0)).isEqualTo(1);
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThatThrownBy(() -> Column.labels(" ", 1)).hasMessage("name: expected the name of a column, got ' '");
        assertThatThrownBy(() -> Column.tokens("x", new int[0][])).hasMessage("x: expected at least 1 rows, got 0");
        assertThatThrownBy(() -> Column.tokens("x", new int[][] {{1}, null}))
                .hasMessage("x[1]: expected an array, got null");
        assertThatThrownBy(() -> Column.rows("x", new float[][] {{1, 2}, {3}}))
                .hasMessage("x[1]: expected 2 values, got 1");
        assertThatThrownBy(() -> Column.rows("x", new float[2][11], 3, 2, 2))
                .hasMessage("x[0]: expected 12 values, got 11");
        assertThatThrownBy(() -> Column.sequences("x", new float[1][2][5], 2, 2))
                .hasMessage("x[0][0]: expected 4 values, got 5");
        assertThatThrownBy(() -> Column.windows("x", series(5), 3, 0, 3))
                .hasMessage("starts[1]: expected 0 to 2 for windows of 3 in 5 steps, got 3");
        assertThatThrownBy(() -> Column.windows("x", series(5), 0, 0)).hasMessage("window: expected at least 1, got 0");
        assertThatThrownBy(() -> Column.numbers("x", 1, 2).slice(1, 3)).hasMessage("rows 1 to 3 of 2");
        assertThatThrownBy(() -> Column.numbers("x", 1, 2).select(0, 2)).hasMessage("rows[1]: expected 0 to 1, got 2");
    }
}
