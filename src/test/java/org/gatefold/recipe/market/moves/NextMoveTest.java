package org.gatefold.recipe.market.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.data.Offset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Score;
import org.gatefold.recipe.market.data.Trading;
import org.junit.jupiter.api.Test;

/** Moves and what trading on them brings, reckoned by hand. */
class NextMoveTest {
    private static final Offset<Double> EXACT = within(1e-12);
    private static final double[] UP = {0, 0, 1};
    private static final double[] FLAT = {0.2, 0.5, 0.3};
    private static final double[] DOWN = {0.6, 0.3, 0.1};

    /** Returns 10 %, -10 %, 0, 10 %. */
    private static Table table() throws IOException {
        return CsvTable.read(
                "prices.csv",
                new ByteArrayInputStream("p\n100\n110\n99\n99\n108.9\n".getBytes(StandardCharsets.UTF_8)));
    }

    private static NextMove target(boolean shorts) {
        return NextMove.of("p", null, new NextMove.Ways(0.05, shorts, new Trading(0.01), 4));
    }

    @Test
    void movesByTheBand() throws IOException {
        assertThat(target(true).moves(Rows.range(table(), 1, 5)))
                .containsExactly(NextMove.UP, NextMove.DOWN, NextMove.FLAT, NextMove.UP);
    }

    /** Bought for 1 %, turned round for 2 %, closed for 1 %, and bought again: 1.09 · 1.08 · 0.99 · 1.09. */
    @Test
    void everyChangeCosts() throws IOException {
        Score score = target(true).score(Rows.range(table(), 1, 5), new double[][] {UP, DOWN, FLAT, UP});
        assertThat(score.figures().get("fortune")).isCloseTo(1.09 * 1.08 * 0.99 * 1.09, EXACT);
        assertThat(score.figures().get("traded")).isCloseTo(5, EXACT);
        assertThat(score.figures().get("accuracy")).isEqualTo(1);
        assertThat(score.figures().get("hitRate")).isEqualTo(1);
        assertThat(score.figures().get("drawdown")).isCloseTo(0.01, EXACT);
    }

    /** Nothing is sold short: 1.09, out for 1 %, nothing, and out still. */
    @Test
    void longOnly() throws IOException {
        Score score = target(false).score(Rows.range(table(), 1, 5), new double[][] {UP, DOWN, DOWN, FLAT});
        assertThat(score.figures().get("fortune")).isCloseTo(1.09 * 0.99, EXACT);
        assertThat(score.figures().get("accuracy")).isEqualTo(0.5);
    }

    @Test
    void aThirdOfTheTrainingRowsIsFlat() throws IOException {
        NextMove found = NextMove.of("p", null, new NextMove.Ways(0, true, new Trading(0), 4))
                .fit(Rows.range(table(), 0, 4));
        assertThat(found.state().get("band").getAsDouble()).isCloseTo(0.1, EXACT);
    }
}
