package org.gatefold.recipe.field.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gatefold.data.table.Table;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
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

    @Test
    void shapesStandForTheirTokens() {
        Text shapes = Text.column("text", Tokenizer.SPACES, 3, 1)
                .shapes()
                .named("shapes")
                .fit(Rows.of(TEXTS, 0));
        assertThat(shapes.vocabulary().tokens()).containsExactly("<unk>", "XX", "Xx");
        assertThat(shapes.summary()).isEqualTo("vocabulary of 3 shapes");
        Text again = Text.column("text", Tokenizer.SPACES, 3, 1).shapes().restored(Tables.saved(shapes));
        assertThat(again.ids(Rows.all(TEXTS))).isDeepEqualTo(new int[][] {{2, 0, 1}, {0, 2}});
    }

    /** Messages about too few rows ask for it before anything is fitted. */
    @Test
    void aFieldThatIsNotFittedHasNothingToTell() {
        Text text = Text.column("text", Tokenizer.WORDS, 10, 1);
        assertThat(text.summary()).isEmpty();
        assertThat(text.fit(Rows.all(TEXTS)).summary()).isEqualTo("vocabulary of 3 words");
    }

    @Test
    void subwordsAreLearntOfTheTrainingRows() {
        Table table = Tables.csv("text", "low lower", "low", "lowest x");
        Text text = Text.column("text", Tokenizer.SUBWORDS, 14, 1)
                .special("<s>", "</s>")
                .fit(Rows.of(table, 0, 1));
        assertThat(text.vocabulary().tokens())
                .startsWith("<unk>", "<s>", "</s>", "l")
                .contains("low")
                .hasSize(14);
        Text again = Text.column("text", Tokenizer.SUBWORDS, 14, 1)
                .special("<s>", "</s>")
                .restored(Tables.saved(text));
        assertThat(again.vocabulary().tokens()).isEqualTo(text.vocabulary().tokens());
        assertThat(again.tokens(Rows.of(table, 2))).containsExactly(List.of("low", "e", "s", "t", " ", "x"));
        int low = text.vocabulary().id("low");
        assertThat(again.ids(Rows.of(table, 2))[0])
                .startsWith(low, text.vocabulary().id("e"), 0, 0);
        assertThat(again.text(List.of("low", "e"))).isEqualTo("lowe");
    }

    @Test
    void specialTokensAreInNoText() {
        Table table = Tables.csv("text", "a </s> b", "a");
        Text text = Text.column("text", Tokenizer.SPACES, 9, 1).special("</s>").fit(Rows.all(table));
        assertThat(text.vocabulary().tokens()).containsExactly("<unk>", "</s>", "a", "b");
        assertThat(text.ids(Rows.all(table))).isDeepEqualTo(new int[][] {{2, 0, 3}, {2}});
        Text other = Text.column("text", Tokenizer.SPACES, 9, 1).special("<s>");
        assertThatThrownBy(() -> other.restored(Tables.saved(text)))
                .hasMessageEndingWith("tokens: expected [<s>] as the first, got [</s>]");
    }

    @Test
    void ofALongRowTheBeginningIsReadAndAllIsKnown() {
        Table table = Tables.csv("text", "a b c", "a b");
        Text text = Text.column("text", Tokenizer.SPACES, 9, 1)
                .special("</s>")
                .ended()
                .longest(2)
                .fit(Rows.all(table));
        assertThat(text.vocabulary().tokens()).containsExactly("<unk>", "</s>", "a", "b", "c");
        assertThat(text.ids(Rows.all(table))).isDeepEqualTo(new int[][] {{2, 3, 1}, {2, 3, 1}});
        assertThat(text.warning(Rows.all(table)))
                .isEqualTo("1 text is longer than 2 tokens; the network reads the beginning");
        assertThat(text.warning(Rows.of(table, 1))).isEmpty();
    }
}
