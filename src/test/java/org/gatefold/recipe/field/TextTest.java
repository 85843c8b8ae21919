package org.gatefold.recipe.field;

import static org.assertj.core.api.Assertions.assertThat;

import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.junit.jupiter.api.Test;

class TextTest {
    private static final Table TEXTS = Tables.csv("text", "Rome rome ROME", "a Rome");

    @Test
    void lowerCasedTokensAreOne() {
        Text text = Text.column("text", Tokenizer.SPACES, 10, 1).lowerCased().fit(Rows.of(TEXTS, 0));
        assertThat(text.vocabulary().tokens()).containsExactly("<unk>", "rome");
        assertThat(Text.column("text", Tokenizer.SPACES, 10, 1)
                        .fit(Rows.of(TEXTS, 0))
                        .vocabulary()
                        .tokens())
                .containsExactly("<unk>", "ROME", "Rome", "rome");
        Text again = Text.column("text", Tokenizer.SPACES, 10, 1).lowerCased().restored(Tables.saved(text));
        assertThat(again.tokens(Rows.all(TEXTS)).get(1)).containsExactly("a", "rome");
    }

    /** Messages about too few rows ask for it before anything is fitted. */
    @Test
    void aFieldThatIsNotFittedHasNothingToTell() {
        Text text = Text.column("text", Tokenizer.WORDS, 10, 1);
        assertThat(text.summary()).isEmpty();
        assertThat(text.fit(Rows.all(TEXTS)).summary()).isEqualTo("vocabulary of 3 words");
    }
}
