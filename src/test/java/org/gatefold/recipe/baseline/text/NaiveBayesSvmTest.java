package org.gatefold.recipe.baseline.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NaiveBayesSvmTest {
    private static final NGrams WORDS = new NGrams(1);
    private static final NGrams PAIRS = new NGrams(2);
    private static final List<List<String>> TEXTS = List.of(
            List.of("dog", "bites", "man"),
            List.of("man", "bites", "dog"),
            List.of("dog", "sees", "man"),
            List.of("man", "sees", "dog"));
    private static final int[] LABELS = {0, 1, 0, 1};

    private static NaiveBayesSvm fitted(NGrams grams) {
        return NaiveBayesSvm.fit(grams, 100, TEXTS, LABELS, 2);
    }

    /**
     * Two texts of a token each: it is twice as often in its class, so its ratio is ±log 2 =: ±L. Both dual variables are α, for which
     * the margin α L² and the slack α / (2 C) make 1; so both weights are α L, as large as their mean, and count with the ratio α L².
     */
    @Test
    void isAsByHand() {
        NaiveBayesSvm svm = NaiveBayesSvm.fit(WORDS, 9, List.of(List.of("a"), List.of("b")), new int[] {0, 1}, 2);
        float expected = (float) (Math.pow(Math.log(2), 2) / (Math.pow(Math.log(2), 2) + 5));
        Map<String, float[]> weights = svm.weights();
        assertThat(weights.keySet()).containsExactly("a", "b");
        assertThat(weights.get("a")).containsExactly(new float[] {expected, -expected}, within(0.01f));
        assertThat(weights.get("b")).containsExactly(new float[] {-expected, expected}, within(0.01f));
    }

    @Test
    void readsTheOrderOfWordsInPairsAlone() {
        for (int i = 0; i < LABELS.length; i++) {
            assertThat(fitted(PAIRS).probabilities(TEXTS.get(i))[LABELS[i]]).isGreaterThan(0.6);
        }
        assertThat(fitted(WORDS).probabilities(TEXTS.get(0)))
                .isEqualTo(fitted(WORDS).probabilities(TEXTS.get(1)));
    }

    @Test
    void findsEachOfSeveralClasses() {
        List<List<String>> texts = List.of(List.of("a", "x"), List.of("b", "x"), List.of("c", "x"), List.of("c"));
        NaiveBayesSvm svm = NaiveBayesSvm.fit(PAIRS, 100, texts, new int[] {0, 1, 2, 2}, 3);
        assertThat(svm.probabilities(List.of("a"))[0]).isGreaterThan(0.34);
        assertThat(svm.probabilities(List.of("b"))[1]).isGreaterThan(0.34);
        assertThat(svm.probabilities(List.of("c", "c"))[2]).isGreaterThan(0.34);
    }

    @Test
    void keepsTheMostFrequentNGrams() {
        NaiveBayesSvm svm = NaiveBayesSvm.fit(WORDS, 3, TEXTS, LABELS, 2);
        assertThat(svm.weights().keySet()).containsExactly("bites", "dog", "man");
    }

    @Test
    void whatIsNotKnownDoesNotCount() {
        NaiveBayesSvm svm = fitted(WORDS);
        assertThat(svm.probabilities(List.of("never", "seen"))).isEqualTo(svm.probabilities(List.of()));
    }

    @Test
    void isMadeOfItsWeights() {
        NaiveBayesSvm svm = fitted(PAIRS);
        NaiveBayesSvm same = NaiveBayesSvm.of(PAIRS, svm.weights(), svm.biases());
        for (List<String> text : TEXTS) {
            assertThat(same.probabilities(text)).isEqualTo(svm.probabilities(text));
        }
    }

    @Test
    void whatCannotBeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayesSvm.of(PAIRS, Map.of("a", new float[] {1}), 1, 1))
                .withMessage("weights: expected 2 finite ones for 'a', got [1.0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayesSvm.of(PAIRS, Map.of(), 1, Float.NaN))
                .withMessage("biases: expected finite ones of at least 2 classes, got [1.0, NaN]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NaiveBayesSvm.fit(PAIRS, 9, TEXTS, new int[] {0}, 2))
                .withMessage("labels: expected at least one and as many as texts, 4, got 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NGrams(0))
                .withMessage("longest: expected at least 1, got 0");
    }

    @Test
    void nGramsHaveNoMoreTokensThanIsSaidAndKnowTheEnds() {
        assertThat(PAIRS.of(List.of("a", "b", "a", "b")))
                .containsExactlyInAnyOrder("\u0002 a", "a", "a b", "b", "b a", "b \u0003");
        assertThat(WORDS.of(List.of("a", "b", "a"))).containsExactlyInAnyOrder("a", "b");
        assertThat(new NGrams(4).of(List.of("a")))
                .containsExactlyInAnyOrder("a", "\u0002 a", "\u0002 a \u0003", "a \u0003");
    }
}
