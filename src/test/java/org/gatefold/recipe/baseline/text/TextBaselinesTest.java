package org.gatefold.recipe.baseline.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextBaselinesTest {
    @Test
    void findsTheTextWithTheSameRareTokens() {
        NearestText nearest = NearestText.fit(List.of(
                List.of("the", "dog", "sees", "the", "cat"), List.of("the", "bird", "sings"), List.of("the", "bird")));
        assertThat(nearest.find(List.of("a", "cat"))).isZero();
        assertThat(nearest.find(List.of("the", "the", "sings"))).isEqualTo(1);
        assertThat(nearest.find(List.of("the", "bird"))).isEqualTo(2);
        assertThat(nearest.find(List.of("none"))).isZero();
        assertThatThrownBy(() -> NearestText.fit(List.of())).hasMessage("texts: expected at least one, got none");
    }

    /** The pairs of Koehn 2010, figure 4.4: das Haus, das Buch, ein Buch. */
    @Test
    void findsWhichTokensBelongTogether() {
        int[][] german = {{0, 1}, {0, 2}, {3, 2}};
        int[][] english = {{0, 1}, {0, 2}, {3, 2}};
        WordTranslation words = WordTranslation.fit(german, english, 5);
        assertThat(List.of(words.translate(0), words.translate(1), words.translate(2), words.translate(3)))
                .containsExactly(0, 1, 2, 3);
        assertThat(words.translate(4)).isEqualTo(WordTranslation.NONE);
        assertThat(WordTranslation.fit(new int[][] {{0}}, new int[][] {{}}, 1).translate(0))
                .isEqualTo(WordTranslation.NONE);
    }
}
