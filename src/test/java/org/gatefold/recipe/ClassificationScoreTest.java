package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClassificationScoreTest {
    /** Class 0: precision 2/3, recall 1, F1 0.8; class 1: precision 1, recall 1/2, F1 2/3; class 2 does not occur. */
    @Test
    void accuracyAndF1AsByHand() {
        ClassificationScore score = ClassificationScore.of(new int[] {0, 0, 1, 1}, new int[] {0, 0, 0, 1}, 3);
        assertThat(score.accuracy()).isEqualTo(0.75);
        assertThat(score.f1()).isEqualTo((0.8 + 2.0 / 3) / 2, within(1e-12));
    }

    @Test
    void aClassThatIsOnlyPredictedCounts() {
        ClassificationScore score = ClassificationScore.of(new int[] {0, 0}, new int[] {0, 2}, 3);
        assertThat(score.f1()).isEqualTo((2.0 / 3 + 0) / 2, within(1e-12));
    }

    @Test
    void confusionCountsLabelAgainstPrediction() {
        assertThat(ClassificationScore.confusion(new int[] {0, 1, 1}, new int[] {1, 1, 0}, 2))
                .isDeepEqualTo(new int[][] {{0, 1}, {1, 1}});
    }
}
