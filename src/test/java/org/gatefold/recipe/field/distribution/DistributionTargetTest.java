package org.gatefold.recipe.field.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Blend;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.Numeric;
import org.junit.jupiter.api.Test;

/** What outputs mean, in the scale of the data, and how well that fits what came. */
class DistributionTargetTest {
    /** Mean 4, deviation 2. */
    private static final Table TABLE = Tables.column("v", 2, 6, 2, 6, 2, 6, 2, 6);

    private static DistributionTarget fitted(DistributionTarget target) {
        return target.fit(Rows.all(TABLE));
    }

    private static Horizon horizon(int steps) {
        return Horizon.of(Numeric.column("v"), steps);
    }

    /** A quantile of the standard normal distribution is 1.281552 at 90 %, of Student's t of 5 degrees of freedom 1.475884. */
    @Test
    void quantilesOfDistributionsAreThoseOfTables() {
        Rows row = Rows.of(TABLE, 3);
        double[] normal = fitted(DistributionTarget.of(horizon(1), new Head.Gaussian(), 0.8))
                .answers(row, new float[][] {{0.5f, (float) Math.log(0.25)}})[0];
        Spread spread = Spread.within(0.8);
        assertThat(spread.at(0.5, 0, normal)).isEqualTo(5, within(1e-6));
        assertThat(spread.at(0.9, 0, normal)).isEqualTo(5 + 1.281552, within(1e-5));
        assertThat(spread.at((1 - 0.8) / 2, 0, normal)).isEqualTo(5 - 1.281552, within(1e-5));
        double[] student = fitted(DistributionTarget.of(horizon(1), new Head.StudentT(5), 0.8))
                .answers(row, new float[][] {{0.5f, (float) Math.log(0.5)}})[0];
        assertThat(spread.at(0.9, 0, student)).isEqualTo(5 + 1.475884, within(1e-5));
    }

    /** Of two steps: outputs are three for each. */
    @Test
    void quantilesAreInOrder() {
        DistributionTarget target = fitted(DistributionTarget.quantiles(horizon(2), 0.1, 0.4, 0.9));
        assertThat(target.outputs()).isEqualTo(6);
        float[][] outputs = {{-1.5f, 0, 2, 0, 2, 1}};
        double[] answer = target.answers(Rows.of(TABLE, 2), outputs)[0];
        assertThat(answer).containsExactly(new double[] {1, 4, 8, 4, 6, 8}, within(1e-6));
        assertThat(target.header()).endsWith("q-10", "q-40", "q-90");
        // A fifth of the way from the 40 % quantile to that of 90 %.
        assertThat(target.lines(Rows.of(TABLE, 2), new double[][] {answer}).get(0))
                .startsWith("3", "1", "2.0")
                .endsWith("1.0", "4.0", "8.0");
        assertThat(Double.parseDouble(target.lines(Rows.of(TABLE, 2), new double[][] {answer})
                        .get(0)
                        .get(3)))
                .isEqualTo(4.8, within(1e-6));
        assertThat(target.learnt(Rows.of(TABLE, 2))[0]).containsExactly(-1, 1);
    }

    /** Of what the network says is left over, half of the middle is taken, and all of what lies round it. */
    @Test
    void aPriorMovesTheMiddleAlone() {
        Rows row = Rows.of(TABLE, 2);
        DistributionTarget target = fitted(DistributionTarget.quantiles(horizon(1), 0.1, 0.5, 0.9));
        float[][] prior = target.outputs(row, new double[][] {{6}});
        assertThat(prior[0]).containsExactly(1, 1, 1);
        assertThat(Tables.numbers(target.encodeBeside(row, () -> prior))[0][0]).containsExactly(-2);
        float[][] joined = target.joined(new Blend(1, 0.5), prior, new float[][] {{-3, -2, 1}});
        assertThat(joined[0]).containsExactly(-1, 0, 3);
        DistributionTarget normal = fitted(DistributionTarget.of(horizon(1), new Head.Gaussian(), 0.8));
        assertThat(normal.joined(new Blend(1, 0.5), new float[][] {{1, 0}}, new float[][] {{-2, 0.7f}})[0])
                .containsExactly(0, 0.7f);
    }

    @Test
    void theWidthFitsTheRowsHeldBack() {
        DistributionTarget target = fitted(DistributionTarget.quantiles(horizon(1), 0.1, 0.5, 0.9));
        Rows rows = Rows.of(TABLE, 2, 3, 4, 5);
        // Deviations of 2 round 4 came; intervals told of 1.
        double[][] narrow = {{3, 4, 5}, {3, 4, 5}, {3, 4, 5}, {3, 4, 5}};
        DistributionTarget calibrated = target.calibrated(rows, narrow);
        float[][] outputs = {{-0.5f, 0, 0.5f}};
        assertThat(calibrated.answers(Rows.of(TABLE, 2), outputs)[0])
                .containsExactly(new double[] {2, 4, 6}, within(1e-6));
        assertThat(calibrated.restored(Tables.saved(calibrated)).answers(Rows.of(TABLE, 2), outputs)[0])
                .containsExactly(new double[] {2, 4, 6}, within(1e-6));
    }

    @Test
    void figuresAreThoseOfTheMiddleAndOfAllLevels() {
        DistributionTarget target = fitted(DistributionTarget.quantiles(horizon(1), 0.1, 0.5, 0.9));
        Rows rows = Rows.of(TABLE, 2, 3);
        Score score = target.ownScore(rows, new double[][] {{1, 3, 7}, {1, 3, 5}});
        assertThat(score.figures().get("mae")).isEqualTo((1 + 3) / 2.0);
        JsonObject interval = score.more().getAsJsonArray("intervals").get(0).getAsJsonObject();
        assertThat(interval.get("level").getAsDouble()).isEqualTo(0.8);
        assertThat(interval.get("coverage").getAsDouble()).isEqualTo(0.5);
        // Of 2: .1, .5 and .5; of 6: .5, 1.5 and .9.
        assertThat(score.more().get("pinball").getAsDouble()).isEqualTo(4.0 / 6, within(1e-9));
        assertThat(target.score(rows, new double[][] {{3}, {3}}).figures()).isEqualTo(score.figures());
    }

    /** The score of a standard normal distribution where its mean comes is (√2 - 1) / √π. */
    @Test
    void theRankedProbabilityScoreIsThatOfTheWholeDistribution() {
        DistributionTarget target = fitted(DistributionTarget.of(horizon(1), new Head.Gaussian(), 0.8));
        Table table = Tables.column("v", 2, 6, 4);
        Rows row = Rows.of(table, 2);
        double[][] answers = target.answers(row, new float[][] {{0, (float) Math.log(0.25)}});
        double crps = target.ownScore(row, answers).more().get("crps").getAsDouble();
        assertThat(crps).isEqualTo((Math.sqrt(2) - 1) / Math.sqrt(Math.PI), within(2e-3));
    }
}
