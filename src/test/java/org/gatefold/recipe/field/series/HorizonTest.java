package org.gatefold.recipe.field.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.SeriesTransform.Difference;
import org.gatefold.data.transform.SeriesTransform.SquareRoot;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.file.FileException;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows and what follows them: nothing of the test part is known, and what never changed is not blown up. */
class HorizonTest {
    private static final int ROWS = 90;
    private static final int TRAINING = 60;

    /** Two tables that agree on the training part alone. */
    private static Table table(boolean otherTestPart) {
        Random random = new Random(4);
        String[] lines = new String[ROWS + 1];
        lines[0] = "value,feature";
        for (int row = 0; row < ROWS; row++) {
            double value = 20 + 5 * Math.sin(row) + random.nextDouble();
            double feature = random.nextGaussian();
            lines[row + 1] = otherTestPart && row >= TRAINING ? "1e6,-1e6" : value + "," + feature;
        }
        return Tables.csv(lines);
    }

    private static Fields fields(Scaler.Kind scaling, boolean change, int steps, SeriesTransform... transforms) {
        Numeric value = Numeric.column("value").scaled(scaling).transformed(TransformChain.of(transforms));
        List<Numeric> read = List.of(value, Numeric.column("feature").scaled(scaling));
        return new Fields(Series.of(7, read), Horizon.of(value, steps).asChange(change));
    }

    private static Fields fitted(Scaler.Kind scaling, Table table) {
        return fields(scaling, true, 2, new SquareRoot(), new Difference(1)).fit(Rows.range(table, 0, TRAINING));
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void whatIsFittedDoesNotKnowTheTestPart(Scaler.Kind scaling) {
        assertThat(fitted(scaling, table(true)).state())
                .isEqualTo(fitted(scaling, table(false)).state());
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void trainingWindowsDoNotReachIntoTheTestPart(Scaler.Kind scaling) {
        float[][][][] seen = new float[4][][][];
        for (int other = 0; other < 2; other++) {
            Table table = table(other == 1);
            Fields fields = fitted(scaling, table);
            Rows rows = fields.examples(Rows.range(table, 0, TRAINING));
            // The last window's targets are the last rows of the training part: one more would be one too many.
            assertThat(rows.index(rows.size() - 1) + 2).isEqualTo(TRAINING);
            assertThat(rows.index(0)).isEqualTo(1 + 7);
            seen[other] = Tables.numbers(fields.input().encode(rows));
            seen[2 + other] = Tables.numbers(fields.target().encode(rows));
        }
        assertThat(seen[1]).isDeepEqualTo(seen[0]);
        assertThat(seen[3]).isDeepEqualTo(seen[2]);
    }

    @Test
    void theFirstRowOfTheTestPartIsReadFromTheTrainingPart() {
        float[][][][] read = new float[2][][][];
        for (int other = 0; other < 2; other++) {
            Table table = table(other == 1);
            Fields fields = fitted(Scaler.Kind.STANDARD, table);
            Rows first = Rows.of(table, TRAINING);
            assertThat(fields.examples(Rows.range(table, TRAINING, ROWS)).index(0))
                    .isEqualTo(TRAINING);
            read[other] = Tables.numbers(fields.input().encode(first));
        }
        assertThat(read[1]).isDeepEqualTo(read[0]);
    }

    @ParameterizedTest
    @EnumSource(Scaler.Kind.class)
    void rightOutputsAreLedBackToWhatCame(Scaler.Kind scaling) {
        Table table = table(false);
        Fields fields = fitted(scaling, table);
        Rows rows = fields.examples(Rows.range(table, TRAINING, ROWS));
        float[][][] targets = Tables.numbers(fields.target().encode(rows));
        float[][] outputs = Arrays.stream(targets).map(row -> row[0]).toArray(float[][]::new);
        Score score = fields.target().score(rows, fields.outputTarget().answers(rows, outputs));
        assertThat(score.figures().get("rmse")).isLessThan(1e-4);
        assertThat(score.more().getAsJsonArray("rmseByStep")).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(value = Scaler.Kind.class, mode = Mode.EXCLUDE, names = "NONE")
    void aFeatureThatNeverChangedIsNotScaled(Scaler.Kind scaling) {
        String[] lines = new String[ROWS + 1];
        lines[0] = "value,feature";
        for (int row = 0; row < ROWS; row++) {
            lines[row + 1] = 100 + 20 * Math.sin(row) + "," + (row < TRAINING ? 14.62 : 14.63);
        }
        Table table = Tables.csv(lines);
        Fields fields = fields(scaling, true, 1).fit(Rows.range(table, 0, TRAINING));
        float[][][] inputs = Tables.numbers(fields.input().encode(Rows.of(table, TRAINING, ROWS)));
        assertThat(inputs[0][6][1]).isZero();
        assertThat(inputs[1][6][1]).isEqualTo(0.01f, within(1e-6f));
    }

    @ParameterizedTest
    @EnumSource(value = Scaler.Kind.class, mode = Mode.EXCLUDE, names = "NONE")
    void aSteadyRiseStaysOneWhenItEnds(Scaler.Kind scaling) {
        double[] values = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            values[row] =
                    Double.parseDouble("1000" + Math.min(row, TRAINING) / 10 + "." + Math.min(row, TRAINING) % 10);
        }
        Table table = Tables.column("value", values);
        Rows training = Rows.range(table, 0, TRAINING);
        Numeric risen = Numeric.column("value").scaled(scaling).transformed(TransformChain.of(new Difference(1)));
        float[][][] inputs =
                Tables.numbers(Series.of(6, List.of(risen)).fit(training).encode(Rows.of(table, ROWS)));
        assertThat(inputs[0][5][0]).as("no longer 0.1 a row").isEqualTo(-0.1f, within(1e-6f));
        Horizon horizon = Horizon.of(Numeric.column("value").scaled(scaling), 1).asChange(true);
        assertThat(horizon.fit(training).state().get("changeScale").getAsDouble())
                .isEqualTo(1);
    }

    @Test
    void whatChangesIsScaledByItsChange() {
        double[] values = new double[ROWS];
        Arrays.setAll(values, row -> row % 2 == 0 ? 1e6 : 1e6 + 1e-3);
        Table table = Tables.column("value", values);
        assertThat(Numeric.column("value").fit(Rows.all(table)).scaler().scale())
                .isEqualTo(5e-4, within(1e-9));
    }

    @Test
    void datesNameRowsWhereTheyAreThere() {
        Numeric value = Numeric.column("value");
        Horizon horizon = Horizon.of(value, 1).dated("month");
        Table dated = Tables.csv("month,value", "2000-01,1", "2000-02,2");
        assertThat(horizon.lines(Rows.of(dated, 1, 2), new double[][] {{3}, {4}}))
                .containsExactly(List.of("2000-02", "1", "2.0", "3.0"), List.of("+1", "1", "", "4.0"));
        Table bare = Tables.column("value", 1, 2);
        assertThat(horizon.lines(Rows.of(bare, 1), new double[][] {{3}}))
                .containsExactly(List.of("2", "1", "2.0", "3.0"));
    }

    @Test
    void rowsBehindTheLastAreNamedByTheDatesThatFollow() {
        Horizon horizon = Horizon.of(Numeric.column("value"), 2).dated("month");
        Table table = Tables.csv("month,value", "2000-10,1", "2000-11,2", "2000-12,3");
        assertThat(horizon.lines(Rows.of(table, 2, 3), new double[][] {{4, 5}, {6, 7}}))
                .extracting(line -> line.get(0))
                .containsExactly("2000-12", "2001-01", "2001-01", "2001-02");
        assertThat(horizon.warning(Rows.all(table))).isEmpty();
    }

    @Test
    void datesThatStandOrGoBackAreNamed() {
        Horizon horizon = Horizon.of(Numeric.column("value"), 1).dated("month");
        Table twice = Tables.csv("month,value", "2000-01,1", "2000-02,2", "2000-02,3", "2000-03,4");
        assertThat(horizon.warning(Rows.all(twice)))
                .isEqualTo("test.csv, line 4, column 'month': '2000-02' comes after '2000-02';"
                        + " rows are taken in the order in which they stand");
        assertThat(horizon.warning(Rows.all(Tables.column("value", 1, 2)))).isEmpty();
    }

    @Test
    void theCalendarIsReadAsTheTrainingRowsAreWritten() {
        Series series = Series.of(2, List.of(Numeric.column("value"))).calendar("day");
        Table days = Tables.csv("day,value", "2000-01-01,1", "2000-04-01,2", "2000-07-01,5");
        Series fitted = series.fit(Rows.all(days));
        float[][][] read = Tables.numbers(fitted.encode(Rows.of(days, 2)));
        assertThat(read[0][1]).hasSize(5);
        assertThat(read[0][1][1]).as("sine of a quarter year").isEqualTo(1f, within(1e-6f));
        Series again = series.restored(Tables.saved(fitted));
        assertThat(Tables.numbers(again.encode(Rows.of(days, 2)))).isDeepEqualTo(read);
    }

    @Test
    void damagedStatesNameTheField() {
        Fields fields = fields(Scaler.Kind.STANDARD, true, 1);
        String series = "{\"columns\":[{\"offset\":1,\"scale\":1}]}";
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> fields.input().restored(JsonFields.parse("a.json", series)))
                .withMessage("a.json: columns: expected 2 of them, got 1");
        String scale = "{\"series\":{\"offset\":1,\"scale\":0},\"changeScale\":1}";
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> fields.target().restored(JsonFields.parse("a.json", scale)))
                .withMessageStartingWith("a.json: series.scale: expected a finite number of at least ");
        String change = "{\"series\":{\"offset\":1,\"scale\":1},\"changeScale\":null}";
        assertThatExceptionOfType(FileException.class)
                .isThrownBy(() -> fields.target().restored(JsonFields.parse("a.json", change)))
                .withMessageStartingWith("a.json: changeScale: expected a finite number");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void outputsLeadBackToAnswers(boolean change) {
        Table table = table(false);
        Horizon target = (Horizon) fields(Scaler.Kind.STANDARD, change, 3, new SquareRoot(), new Difference(4))
                .fit(Rows.range(table, 0, TRAINING))
                .target();
        Rows rows = Rows.of(table, 20, 41, ROWS);
        double[][] answers = {{20, 21, 19.5}, {18, 25, 22}, {20, 20, 20}};
        double[][] back = target.answers(rows, target.outputs(rows, answers));
        for (int i = 0; i < answers.length; i++) {
            assertThat(back[i]).containsExactly(answers[i], within(1e-4));
        }
    }

    /** A linear forecast may fall below zero, where there is no logarithm: it counts as the smallest value before. */
    @Test
    void aPriorOutsideTheDomainOfTransformsCountsAsTheSmallestValue() {
        Table table = Tables.column("value", 3, 2, 5, 4, 6, 1);
        Horizon target = Horizon.of(
                        Numeric.column("value").transformed(TransformChain.of(new SeriesTransform.Log())), 1)
                .fit(Rows.range(table, 0, 5));
        Rows rows = Rows.of(table, 4, 5);
        double[][] back = target.answers(rows, target.outputs(rows, new double[][] {{-7}, {1.5}}));
        assertThat(back[0][0]).isCloseTo(2, within(1e-5));
        assertThat(back[1][0]).isCloseTo(1.5, within(1e-5));
    }

    /**
     * Where the network overshoots what the prior leaves over by twice, half of it is taken, less what the rows leave unsure: the
     * gain of a row is the square of its rest. Where it errs, or helps a single row, nothing is taken.
     */
    @Test
    void theBlendTakesThatShareOfTheNetworkThatHelps() {
        Table table = table(false);
        Horizon target = (Horizon) fields(Scaler.Kind.STANDARD, true, 2)
                .fit(Rows.range(table, 0, TRAINING))
                .target();
        Rows rows = Rows.range(table, 30, 40);
        float[][] wanted = target.learnt(rows);
        float[][] prior = new float[wanted.length][2];
        float[][] network = new float[wanted.length][2];
        for (int i = 0; i < wanted.length; i++) {
            for (int step = 0; step < 2; step++) {
                prior[i][step] = wanted[i][step] / 3;
                network[i][step] = 2 * (wanted[i][step] - prior[i][step]);
            }
        }
        Blend blend = target.blend(rows, prior, network);
        assertThat(blend.prior()).isEqualTo(1);
        double gains = 0;
        double squares = 0;
        for (int i = 0; i < wanted.length; i++) {
            double gain = Math.pow(wanted[i][0] - prior[i][0], 2) + Math.pow(wanted[i][1] - prior[i][1], 2);
            gains += gain;
            squares += gain * gain;
        }
        double unsure = 2 * (squares - gains * gains / wanted.length) / (gains * gains);
        assertThat(unsure).isBetween(0.05, 0.5);
        assertThat(blend.network()).isCloseTo(0.5 * (1 - unsure), within(1e-6));
        assertThat(Tables.numbers(target.encodeBeside(rows, () -> prior))[3][0][1])
                .isEqualTo(wanted[3][1] - prior[3][1]);
        int few = NumberTarget.FEWEST_TO_TELL - 1;
        assertThat(target.blend(rows.slice(0, few), Arrays.copyOf(prior, few), Arrays.copyOf(network, few)))
                .as("too few rows to tell")
                .isEqualTo(new Blend(1, 0));
        float[][] once = new float[wanted.length][2];
        once[4] = network[4].clone();
        assertThat(target.blend(rows, prior, once)).isEqualTo(new Blend(1, 0));
        for (float[] row : network) {
            row[0] = -row[0];
            row[1] = -row[1];
        }
        assertThat(target.blend(rows, prior, network)).isEqualTo(new Blend(1, 0));
    }
}
