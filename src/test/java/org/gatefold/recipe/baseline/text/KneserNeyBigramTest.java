package org.gatefold.recipe.baseline.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KneserNeyBigramTest {
    private static final double EXACT = 1e-12;

    @Test
    void unigramAddsOne() {
        Unigram method = Unigram.fit(new int[] {1, 1, 2}, 4);
        assertThat(method.probability(1)).isCloseTo(3 / 7.0, within(EXACT));
        assertThat(method.probability(2)).isCloseTo(2 / 7.0, within(EXACT));
        assertThat(method.probability(0)).isCloseTo(1 / 7.0, within(EXACT));
    }

    /**
     * By hand, for the text 1 2 1 2 1 3 3 after 0, with 4 never seen: pairs (0,1), (1,2) twice, (2,1) twice, (1,3), (3,3). Three pairs
     * are there once and two twice, so that D = 3 / (3 + 4). Tokens 1 to 3 follow 2, 1 and 2 others: one count of one and two of two,
     * so that q is discounted by 1 / (1 + 4), and 1/5 * 3/5 of 1/5 each go to all five tokens.
     */
    @Test
    void probabilitiesAreThoseComputedByHand() {
        KneserNeyBigram method = KneserNeyBigram.fit(0, new int[] {1, 2, 1, 2, 1, 3, 3}, 5);
        double d = 3 / 7.0;
        assertThat(method.discount()).isCloseTo(d, within(EXACT));
        double[] q = {0.024, (2 - 0.2) / 5 + 0.024, (1 - 0.2) / 5 + 0.024, (2 - 0.2) / 5 + 0.024, 0.024};
        assertThat(method.probability(1, 2)).isCloseTo((2 - d) / 3 + d * 2 / 3 * q[2], within(EXACT));
        assertThat(method.probability(1, 3)).isCloseTo((1 - d) / 3 + d * 2 / 3 * q[3], within(EXACT));
        assertThat(method.probability(1, 4)).isCloseTo(d * 2 / 3 * q[4], within(EXACT));
        assertThat(method.probability(3, 3)).isCloseTo(1 - d + d * q[3], within(EXACT));
        assertThat(method.probability(0, 2)).isCloseTo(d * q[2], within(EXACT));
        assertThat(method.probability(4, 1)).isCloseTo(q[1], within(EXACT));
    }

    /** Where no pair is there twice, nothing can be learnt about the discount. */
    @Test
    void aTextWithoutRepetitionsTakesHalfACountOff() {
        KneserNeyBigram method = KneserNeyBigram.fit(0, new int[] {1}, 3);
        assertThat(method.discount()).isEqualTo(0.5);
        assertThat(method.probability(0, 1)).isCloseTo(0.5 + 0.5 * (0.5 + 0.5 / 3), within(EXACT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KneserNeyBigram.fit(0, new int[0], 3))
                .withMessage("text: expected at least one token, got none");
    }

    @Test
    void probabilitiesSumUpToOneAndNoneIsZero() {
        int vocabulary = 30;
        Random random = new Random(4);
        int[] text = IntStream.range(0, 500)
                .map(i -> (int) (25 * Math.pow(random.nextDouble(), 3)))
                .toArray();
        KneserNeyBigram bigram = KneserNeyBigram.fit(29, text, vocabulary);
        Unigram unigram = Unigram.fit(text, vocabulary);
        assertThat(IntStream.range(0, vocabulary)
                        .mapToDouble(unigram::probability)
                        .sum())
                .isCloseTo(1, within(EXACT));
        for (int before = 0; before < vocabulary; before++) {
            double sum = 0;
            for (int token = 0; token < vocabulary; token++) {
                double p = bigram.probability(before, token);
                assertThat(p).isPositive();
                sum += p;
            }
            assertThat(sum).as("behind " + before).isCloseTo(1, within(EXACT));
        }
    }
}
