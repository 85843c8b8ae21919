package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    @Test
    void cutsWordsNumbersAndMarks() {
        assertThat(Tokenizer.WORDS.tokens("Don't pay 3.50 (or more), Größe: 7!"))
                .containsExactly("don't", "pay", "3.50", "(", "or", "more", ")", ",", "größe", ":", "7", "!");
        assertThat(Tokenizer.WORDS.tokens(" \t\n\u00A0")).isEmpty();
        assertThat(Tokenizer.WORDS.tokens("")).isEmpty();
    }

    @Test
    void leavesTokensThatStandBetweenSpaces() {
        assertThat(Tokenizer.SPACES.tokens(" <unk> Mr. O'Neil\t's  \n"))
                .containsExactly("<unk>", "Mr.", "O'Neil", "'s");
        assertThat(Tokenizer.SPACES.tokens(" ")).isEmpty();
    }

    @Test
    void cutsCharactersNotHalvesOfThem() {
        assertThat(Tokenizer.CHARACTERS.tokens("a B🌡\n")).containsExactly("a", " ", "B", "🌡", "\n");
    }

    @Test
    void takesAccentedLettersForTheSameHoweverTheyAreTyped() {
        for (Tokenizer tokenizer : Tokenizer.values()) {
            assertThat(tokenizer.tokens("e\u0301")).as(tokenizer.label()).containsExactly("é");
        }
    }

    @Test
    void cutsPiecesThatAreTheTextTogether() {
        assertThat(Tokenizer.SUBWORDS.tokens("Don't  pay 3.50\n(or  more)!  "))
                .containsExactly("Don't", " ", " pay", " 3", ".", "50", "\n", "(", "or", " ", " more", ")!", "  ");
        String word = "a".repeat(70);
        assertThat(Tokenizer.SUBWORDS.tokens(word)).containsExactly("a".repeat(32), "a".repeat(32), "a".repeat(6));
        assertThat(Tokenizer.SUBWORDS.tokens("")).isEmpty();
    }

    @Test
    void makesTextsOfTokens() {
        assertThat(Tokenizer.WORDS.text(List.of("go", "(", "or", "stay", ")", ",", "7", "!", "so")))
                .isEqualTo("go (or stay), 7! so");
        assertThat(Tokenizer.SPACES.text(List.of("go", "(", "or"))).isEqualTo("go ( or");
        assertThat(Tokenizer.CHARACTERS.text(List.of("g", "o", " ", "7"))).isEqualTo("go 7");
        assertThat(Tokenizer.SUBWORDS.text(List.of("go", " on", "!"))).isEqualTo("go on!");
    }
}
