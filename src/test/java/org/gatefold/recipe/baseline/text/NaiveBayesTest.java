package org.gatefold.recipe.baseline.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NaiveBayesTest {
    private static final List<List<String>> TEXTS =
            List.of(List.of("not", "good"), List.of("good"), List.of("good", "good"));
    private static final NaiveBayes FITTED = NaiveBayes.fit(TEXTS, new int[] {0, 1, 1}, 2);

    /**
     * Features: not, good, "not good", "good good". Class 0 has each of the first three once, 3 in all; class 1 has good three
     * times and "good good" once, 4 in all. So with one added, good has 2/7 and 4/8, not 2/7 and 1/8, "not good" 2/7 and 1/8.
     */
    @Test
    void isAsByHand() {
        assertThat(FITTED.counts().keySet()).containsExactly("good", "good good", "not", "not good");
        double bad = 1.0 / 3 * (2.0 / 7) * (2.0 / 7) * (2.0 / 7);
        double good = 2.0 / 3 * (4.0 / 8) * (1.0 / 8) * (1.0 / 8);
        assertThat(FITTED.probabilities(List.of("not", "good"))[0]).isCloseTo(bad / (bad + good), within(1e-12));
    }

    @Test
    void whatIsNotKnownDoesNotCount() {
        assertThat(FITTED.probabilities(List.of("never", "seen")))
                .containsExactly(new double[] {1.0 / 3, 2.0 / 3}, within(1e-12));
        assertThat(FITTED.probabilities(List.of())).containsExactly(new double[] {1.0 / 3, 2.0 / 3}, within(1e-12));
    }

    @Test
    void isMadeOfItsCounts() {
        NaiveBayes same = NaiveBayes.of(FITTED.counts(), FITTED.texts());
        for (List<String> text : TEXTS) {
            assertThat(same.probabilities(text)).isEqualTo(FITTED.probabilities(text));
        }
    }

    @Test
    void keepsTheMostFrequentFeatures() {
        assertThat(FITTED.limitedTo(2).counts().keySet()).containsExactly("good", "good good");
        assertThat(FITTED.limitedTo(4)).isSameAs(FITTED);
    }

    @Test
    void countsThatCannotBeAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayes.of(Map.of("a", new int[] {1, -1}), 1, 1))
                .withMessage("counts: expected 2 of at least 0 for 'a', got [1, -1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayes.of(Map.of(), 0, 0))
                .withMessage("texts: expected counts of at least 0, and one above, got [0, 0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayes.fit(TEXTS, new int[] {0}, 2))
                .withMessage("labels: expected at least one and as many as texts, 3, got 1");
    }
}
