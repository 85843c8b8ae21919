package org.gatefold.recipe.field.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.MissingValues;
import org.gatefold.data.table.Table;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Series;
import org.junit.jupiter.api.Test;

/** Rows of several series stay apart, wherever they stand in the file, and columns that are forecast together too. */
class PanelTest {
    /** Series a of rows 1, 2, 3, 4 and series b of rows 100, 200, 300. */
    private static PanelTable table() {
        return PanelTable.of(
                (CsvTable) Tables.csv("id,v,w", "a,1,7", "b,100,7", "a,2,5", "a,3,6", "b,200,5", "a,4,8", "b,300,9"),
                "id");
    }

    @Test
    void rowsOfASeriesStandTogetherAndAreNamedByTheirLines() {
        PanelTable table = table();
        assertThat(table.series()).containsExactly("a", "b");
        assertThat(table.numbers("v")).containsExactly(1, 2, 3, 4, 100, 200, 300);
        assertThat(table.where(4, "v")).isEqualTo("test.csv, line 3, column 'v'");
        assertThat(table.shortest()).isEqualTo(3);
        Table second = table.part(1);
        assertThat(second.numbers("v")).containsExactly(100, 200, 300);
        assertThat(second.text("id")).containsOnly("b");
        assertThat(second.where(1, "v")).isEqualTo("test.csv, line 6, column 'v'");
        assertThat(second.source()).isEqualTo("test.csv, series 'b'");
    }

    /** Rows 7 and 8 are those behind the last of each series. */
    @Test
    void windowsAndHorizonsStayWithinASeries() {
        Rows all = Rows.range(table(), 0, 9);
        assertThat(all.with(2, 1).indices()).containsExactly(2, 3, 6, 7, 8);
        assertThat(Rows.all(table()).with(1, 2).indices()).containsExactly(1, 2, 5);
        assertThat(Rows.all(table()).with(0, 3).indices()).containsExactly(0, 1, 4);
    }

    @Test
    void gapsAreFilledWithinASeries() {
        PanelTable gaps =
                PanelTable.of((CsvTable) Tables.csv("id,v", "a,1", "b,", "a,3", "b,200", "a,?", "b,300"), "id");
        assertThat(gaps.withMissing(MissingValues.INTERPOLATE, "v").numbers("v"))
                .containsExactly(1, 3, 3, 200, 200, 300);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gaps.withMissing(MissingValues.FORWARD_FILL, "v"))
                .withMessage(
                        "test.csv, line 3, column 'v': the value is missing, and there is none before it to fill it from");
        assertThat(gaps.part(1).withMissing(MissingValues.DROP, "v").numbers("v"))
                .containsExactly(200, 300);
    }

    @Test
    void eachSeriesIsReadAndForecastInItsOwnScale() {
        PanelTable table = table();
        Rows rows = Rows.of(table, 1, 5, 2, 6, 8);
        PanelInput input =
                PanelInput.of(Series.of(1, List.of(Numeric.column("v")))).fit(Rows.all(table));
        float[][][] read = Tables.numbers(input.encode(rows));
        // Mean 2.5 and deviation sqrt(1.25) of a, mean 200 and deviation sqrt(20000 / 3) of b.
        assertThat(read[0][0][0]).isEqualTo((float) (-1.5 / Math.sqrt(1.25)), within(1e-6f));
        assertThat(read[1][0][0]).isEqualTo((float) (-100 / Math.sqrt(20000 / 3.0)), within(1e-6f));
        assertThat(read[4][0][0]).isEqualTo((float) (100 / Math.sqrt(20000 / 3.0)), within(1e-6f));
        assertThat(Tables.numbers(input.restored(Tables.saved(input)).encode(rows)))
                .isDeepEqualTo(read);

        PanelTarget target = PanelTarget.of(Horizon.of(Numeric.column("v"), 1)).fit(Rows.all(table));
        Rows known = rows.slice(0, 4);
        double[][] answers = target.answers(known, target.learnt(known));
        assertThat(answers[0][0]).isEqualTo(2, within(1e-5));
        assertThat(answers[1][0]).isEqualTo(200, within(1e-3));
        assertThat(answers[3][0]).isEqualTo(300, within(1e-3));
        double[][] off = {{2.5}, {210}, {3}, {300}};
        // Mean changes are 1 of a, 100 of b; errors are .5 and 0, 10 and 0.
        assertThat(target.score(known, off).figures().get("mase")).isEqualTo((0.25 + 0.05) / 2, within(1e-9));
        // Naive2 is 1 and 1 off of a, 100 and 100 of b, whose rows are 2, 3 and 200, 300.
        double smape = (100 * 0.5 / 2.25 + 100 * 10.0 / 205) / 4;
        double naive = ((100 * 1 / 1.5 + 100 * 1 / 2.5) / 2 + (100 * 100.0 / 150 + 100 * 100.0 / 250) / 2) / 2;
        assertThat(target.score(known, off).figures().get("owa")).isEqualTo((0.15 + smape / naive) / 2, within(1e-9));
        assertThat(target.asked(table, false).indices()).containsExactly(7, 8);
        assertThat(target.asked(table, true).size()).isEqualTo(9);
    }

    @Test
    void columnsAreForecastSideBySide() {
        Table table = Tables.csv("a,b", "1,10", "2,30", "3,20", "4,50", "5,40");
        List<Horizon> columns = List.of(Horizon.of(Numeric.column("a"), 2), Horizon.of(Numeric.column("b"), 2));
        JointTarget target = JointTarget.of(columns).fit(Rows.all(table));
        assertThat(target.name()).isEqualTo("a, b");
        assertThat(target.outputs()).isEqualTo(4);
        assertThat(target.head()).hasSize(1);
        Rows rows = Rows.of(table, 1, 3);
        float[][] learnt = target.learnt(rows);
        assertThat(target.answers(rows, learnt)[1]).containsExactly(new double[] {4, 5, 50, 40}, within(1e-4));
        assertThat(target.outputs(rows, target.answers(rows, learnt))).hasDimensions(2, 4);
        assertThat(target.located(learnt)).isDeepEqualTo(learnt);
        assertThat(target.lines(rows, new double[][] {{2, 3, 30, 20}, {4, 5, 50, 40}}))
                .hasSize(8)
                .startsWith(List.of("a", "2", "1", "2.0", "2.0"))
                .endsWith(List.of("b", "5", "2", "40.0", "40.0"));
        assertThat(target.restored(Tables.saved(target)).learnt(rows)).isDeepEqualTo(learnt);
    }

    @Test
    void damagedStatesNameTheField() {
        JointTarget joint = JointTarget.of(List.of(Horizon.of(Numeric.column("a"), 1)));
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> joint.restored(JsonFields.parse("a.json", "{\"columns\":[]}")))
                .withMessage("a.json: columns: expected 1 of them, got 0");
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> PanelTarget.of(joint).restored(JsonFields.parse("a.json", "{\"series\":[]}")))
                .withMessage("a.json: series: expected at least one, got none");
    }
}
