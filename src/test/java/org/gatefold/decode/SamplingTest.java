package org.gatefold.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplingTest {
    private static final int DRAWS = 20_000;
    private static final float[] LOGITS = {
        (float) Math.log(0.1),
        (float) Math.log(0.4),
        (float) Math.log(0.05),
        (float) Math.log(0.15),
        (float) Math.log(0.3)
    };

    /** That tokens come as often as they should, within five standard deviations. */
    private static void assertShares(Sampling sampling, double... expected) {
        int[] counts = new int[expected.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampling.draw(LOGITS, i)]++;
        }
        for (int token = 0; token < expected.length; token++) {
            double deviation = Math.sqrt(DRAWS * expected[token] * (1 - expected[token]));
            assertThat(Math.abs(counts[token] - DRAWS * expected[token]))
                    .as("draws of %s", token)
                    .isLessThanOrEqualTo(5 * deviation);
        }
    }

    @Test
    void drawsByProbability() {
        assertShares(Sampling.of(1), 0.1, 0.4, 0.05, 0.15, 0.3);
        double sum = 0.01 + 0.16 + 0.0025 + 0.0225 + 0.09;
        assertShares(Sampling.of(2).temperature(0.5f), 0.01 / sum, 0.16 / sum, 0.0025 / sum, 0.0225 / sum, 0.09 / sum);
    }

    @Test
    void drawsFromTheLikeliestAlone() {
        assertShares(Sampling.of(3).topK(2), 0, 4.0 / 7, 0, 0, 3.0 / 7);
        assertShares(Sampling.of(4).topK(1), 0, 1, 0, 0, 0);
        assertShares(Sampling.of(5).topK(9), 0.1, 0.4, 0.05, 0.15, 0.3);
        // 0.4 and 0.3 are not 0.75, with 0.15 they are more.
        assertShares(Sampling.of(6).topP(0.75f), 0, 0.4 / 0.85, 0, 0.15 / 0.85, 0.3 / 0.85);
        assertShares(Sampling.of(7).topP(0.01f), 0, 1, 0, 0, 0);
        // Of the three likeliest, 0.4 / 0.85 is not 0.5.
        assertShares(Sampling.of(8).topK(3).topP(0.5f), 0, 4.0 / 7, 0, 0, 3.0 / 7);
    }

    @Test
    void theSameSeedAndNumberGiveTheSame() {
        float[][] rows = new float[50][5];
        int[] first = Sampling.of(1).draw(rows, 3);
        assertThat(Sampling.of(1).draw(rows, 3)).isEqualTo(first);
        assertThat(Sampling.of(2).draw(rows, 3)).isNotEqualTo(first);
        assertThat(Sampling.of(1).draw(rows, 4)).isNotEqualTo(first);
        assertThat(first).contains(0, 1, 2, 3, 4);
        assertThat(Sampling.of(1).topK(2).draw(rows, 3)).containsOnly(0, 1);
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> Sampling.of(1).temperature(0f))
                .hasMessage("temperature: expected a finite number greater than 0, got 0.0");
        assertThatThrownBy(() -> Sampling.of(1).topP(0f)).hasMessage("topP: expected 0 < p <= 1, got 0.0");
        assertThatThrownBy(() -> Sampling.of(1).topK(-1)).hasMessage("topK: expected at least 0, got -1");
        assertThatThrownBy(() -> Sampling.of(1).draw(new float[] {0f, Float.NaN}, 0))
                .hasMessage("logits: expected numbers below infinity, got NaN of token 1");
        assertThatThrownBy(() -> Sampling.of(1).draw(new float[] {Float.NEGATIVE_INFINITY}, 0))
                .hasMessage("logits: expected at least one finite number, got none in 1");
        assertThat(Sampling.of(1).draw(new float[] {Float.NEGATIVE_INFINITY, 0f}, 0))
                .isEqualTo(1);
    }
}
