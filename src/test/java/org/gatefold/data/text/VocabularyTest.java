package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static final List<List<String>> TEXTS =
            List.of(List.of("b", "a", "c", "a"), List.of(), List.of("b", "d", "<unk>", "<s>", "<s>", "<s>"));

    @Test
    void givesTheMostFrequentTheLowestIds() {
        Vocabulary all = Vocabulary.fit(TEXTS, 100, 1);
        assertThat(all.tokens()).containsExactly("<unk>", "<s>", "a", "b", "c", "d");
        assertThat(Vocabulary.fit(TEXTS, 4, 1).tokens()).containsExactly("<unk>", "<s>", "a", "b");
        assertThat(Vocabulary.fit(TEXTS, 100, 2).tokens()).containsExactly("<unk>", "<s>", "a", "b");
        assertThat(Vocabulary.fit(TEXTS, 5, 1, "</s>", "<s>").tokens())
                .containsExactly("<unk>", "</s>", "<s>", "a", "b");
    }

    @Test
    void goesToIdsAndBack() {
        Vocabulary vocabulary = Vocabulary.fit(TEXTS, 4, 1);
        assertThat(vocabulary.size()).isEqualTo(4);
        assertThat(vocabulary.ids(List.of("b", "d", "a", "<unk>"))).containsExactly(3, 0, 2, 0);
        assertThat(vocabulary.tokens(3, 0, 2)).containsExactly("b", "<unk>", "a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vocabulary.token(4))
                .withMessage("id: expected 0 to 3, got 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vocabulary.tokens(0, -1))
                .withMessage("id: expected 0 to 3, got -1");
    }

    @Test
    void isWhatItsTokensSay() {
        Vocabulary vocabulary = Vocabulary.fit(TEXTS, 100, 1);
        Vocabulary again = Vocabulary.of(vocabulary.tokens());
        assertThat(again.tokens()).isEqualTo(vocabulary.tokens());
        assertThat(again.id("c")).isEqualTo(vocabulary.id("c")).isEqualTo(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of("a", "<unk>")))
                .withMessage("tokens: expected '<unk>' first, got 'a'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of()))
                .withMessage("tokens: expected '<unk>' first, got none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of("<unk>", "a", "a")))
                .withMessage("tokens: expected each once, got 'a' twice");
    }

    @Test
    void refusesWhatLeavesNoRoom() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.fit(TEXTS, 2, 1, "<s>"))
                .withMessage("atMost: expected at least 3, for '<unk>', 1 special tokens and one more, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.fit(TEXTS, 2, 0))
                .withMessage("atLeast: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.fit(TEXTS, 9, 1, "<s>", "<s>"))
                .withMessage("tokens: expected each once, got '<s>' twice");
        assertThat(Vocabulary.fit(List.of(), 9, 1).tokens()).containsExactly("<unk>");
    }
}
