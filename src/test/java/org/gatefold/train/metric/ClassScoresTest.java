package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClassScoresTest {
    /** The example of scikit-learn's {@code classification_report}: labels 0 1 2 2 2, answers 0 0 2 2 1. */
    private static final ClassScores SCORES = ClassScores.of(3, new int[] {0, 1, 2, 2, 2}, new int[] {0, 0, 2, 2, 1});

    @Test
    void measuresAreThoseOfScikitLearn() {
        double[][] expected = {{0.50, 1.00, 0.67, 1}, {0.00, 0.00, 0.00, 1}, {1.00, 0.67, 0.80, 3}};
        for (int label = 0; label < expected.length; label++) {
            double[] measured = {SCORES.precision(label), SCORES.recall(label), SCORES.f1(label), SCORES.labelled(label)
            };
            assertThat(measured).as("class %s", label).containsExactly(expected[label], within(0.005));
        }
        assertThat(SCORES.accuracy()).isEqualTo(0.6, within(1e-12));
        assertThat(SCORES.macroPrecision()).isEqualTo(0.50, within(0.005));
        assertThat(SCORES.macroRecall()).isEqualTo(0.56, within(0.005));
        assertThat(SCORES.macroF1()).isEqualTo(0.49, within(0.005));
    }

    @Test
    void aClassThatNeverOccursIsLeftOutOfMeans() {
        ClassScores scores = ClassScores.of(4, new int[] {0, 1, 2, 2, 2}, new int[] {0, 0, 2, 2, 1});
        assertThat(scores.macroF1()).isEqualTo(SCORES.macroF1());
        assertThat(scores.precision(3)).isZero();
        assertThat(scores.recall(3)).isZero();
        assertThat(scores.f1(3)).isZero();
    }

    @Test
    void noRowsHaveNoMeasures() {
        ClassScores none = ClassScores.of(2, new int[0], new int[0]);
        assertThat(none.accuracy()).isNaN();
        assertThat(none.macroF1()).isNaN();
    }
}
