package org.gatefold.recipe.market.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.gatefold.recipe.field.series.Sequence;
import org.junit.jupiter.api.Test;

class RiskBaselinesTest {
    /** From row to row, what is known of the variance is 0.94 of what was known before, and 0.06 of the square that came. */
    @Test
    void theWeightedVarianceFollowsTheSquaresThatCame() {
        Random random = new Random(1);
        double[] returns = random.doubles(60, -0.02, 0.02).toArray();
        List<String> lines = new ArrayList<>(List.of("price", "100"));
        double price = 100;
        for (double change : returns) {
            price *= Math.exp(change);
            lines.add(Double.toString(price));
        }
        Table table = Tables.csv(lines.toArray(String[]::new));
        Rows training = Rows.range(table, 0, 40);
        Fields fields =
                new Fields(Sequence.allBut("none"), NextRisk.of("price", null).fit(training));
        Baseline weighted = RiskBaselines.all().get(2);
        assertThat(weighted.name()).isEqualTo("ewma");
        Baseline.Attempt attempt = weighted.method().attempt(fields, training, Rows.range(table, 40, 61));
        assertThat(attempt.detail()).isEqualTo("decay 0.94, normal losses");
        for (int row = 41; row < 61; row++) {
            double before = Math.pow(attempt.answers()[row - 41][0], 2);
            double now = Math.pow(attempt.answers()[row - 40][0], 2);
            double came = returns[row - 2];
            assertThat(now).isCloseTo(0.94 * before + 0.06 * came * came, within(1e-12));
        }
        double[] last = attempt.answers()[20];
        double mean = ((NextRisk) fields.target()).mean();
        assertThat(last[1]).isCloseTo(1.6448536 * last[0] - mean, within(1e-9));
    }
}
