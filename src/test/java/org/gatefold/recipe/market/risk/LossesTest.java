package org.gatefold.recipe.market.risk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.gatefold.file.JsonFields;
import org.junit.jupiter.api.Test;

/** Losses in the worst rows, reckoned by hand. */
class LossesTest {
    private static final Offset<Double> EXACT = within(1e-12);

    /** Returns -100 to 100: the twentieth part of 200 steps is 10, the hundredth 2. */
    @Test
    void quantilesAndWhatIsBeyond() {
        Losses losses =
                Losses.of(IntStream.rangeClosed(-100, 100).mapToDouble(i -> i).toArray());
        assertThat(losses.risk95()).isCloseTo(90, EXACT);
        assertThat(losses.risk99()).isCloseTo(98, EXACT);
        assertThat(losses.shortfall95()).isCloseTo(95, EXACT);
        assertThat(losses.shortfall99()).isCloseTo(99, EXACT);
    }

    /** Of 11 numbers the place is 0.5: between the two worst. */
    @Test
    void betweenTwoNumbers() {
        Losses losses =
                Losses.of(IntStream.rangeClosed(0, 10).mapToDouble(i -> i - 8).toArray());
        assertThat(losses.risk95()).isCloseTo(7.5, EXACT);
        assertThat(losses.shortfall95()).isCloseTo(8, EXACT);
    }

    @Test
    void stretchedAndMoved() {
        assertThat(new Losses(1, 2, 3, 4).stretched(10, 0.5)).containsExactly(9.5, 19.5, 29.5, 39.5);
    }

    @Test
    void stateIsRead() {
        assertThat(Losses.restored(
                        JsonFields.parse("state.json", Losses.NORMAL.state().toString())))
                .isEqualTo(Losses.NORMAL);
    }
}
