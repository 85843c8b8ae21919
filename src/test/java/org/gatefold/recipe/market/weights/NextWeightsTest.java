package org.gatefold.recipe.market.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.data.Offset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.junit.jupiter.api.Test;

/** What weights bring after costs, reckoned by hand. */
class NextWeightsTest {
    private static final Offset<Double> EXACT = within(1e-12);

    /** Returns of a are 100 % and 0, of b 0 and 50 %. */
    private static Rows rows() throws IOException {
        return Rows.range(
                CsvTable.read(
                        "prices.csv",
                        new ByteArrayInputStream("a,b\n1,2\n2,2\n2,3\n".getBytes(StandardCharsets.UTF_8))),
                1,
                3);
    }

    private static Score score(double[]... weights) throws IOException {
        return new NextWeights(List.of("a", "b"), null, 0.01, 2).score(rows(), weights);
    }

    /** 1/2 · 100 % - 1 %; the halves became 2/3 and 1/3, of which 1/6 is sold and bought: 25 % - 1/3 %. */
    @Test
    void equalWeightsAreTradedBack() throws IOException {
        Score score = score(PortfolioBaselines.equal(2, 2));
        assertThat(score.figures().get("traded")).isCloseTo(1 + 1.0 / 3, EXACT);
        assertThat(score.figures().get("fortune")).isCloseTo(1.49 * (1.25 - 0.01 / 3), EXACT);
        assertThat(score.figures().get("return")).isCloseTo(1.49 * (1.25 - 0.01 / 3) - 1, EXACT);
    }

    /** What is held costs nothing after it was bought: 1.49, then 1/3 · 50 %. */
    @Test
    void holdingCostsNothing() throws IOException {
        Score score = score(PortfolioBaselines.held(new double[][] {{1, 0}, {0, 0.5}}));
        assertThat(score.figures().get("traded")).isCloseTo(1, EXACT);
        assertThat(score.figures().get("fortune")).isCloseTo(1.49 * (1 + 0.5 / 3), EXACT);
    }
}
