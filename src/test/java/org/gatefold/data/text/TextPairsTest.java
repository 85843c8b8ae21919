package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextPairsTest {
    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsPairsOfOneFile() throws IOException {
        TextPairs pairs = TextPairs.read("pairs.tsv", stream("one\teins\n\tleer\ntwo\tzwei\tby Ann\n"), null);
        assertThat(pairs.names()).containsExactly("source", "target");
        assertThat(pairs.text("source")).containsExactly("one", "", "two");
        assertThat(pairs.text("target")).containsExactly("eins", "leer", "zwei");
        assertThat(pairs.where(2, "target")).isEqualTo("pairs.tsv, line 3, column 'target'");
    }

    @Test
    void readsTextsAlone() throws IOException {
        TextPairs texts = TextPairs.read("texts", stream("one\n\ntwo\n"), null);
        assertThat(texts.names()).containsExactly("source");
        assertThat(texts.text("source")).containsExactly("one", "", "two");
        assertThat(TextPairs.lines("texts", stream("a\tb\nc"), null).text("source"))
                .containsExactly("a\tb", "c");
    }

    @Test
    void joinsTwoFiles() throws IOException {
        TextPairs sources = TextPairs.lines("a.en", stream("one\ntwo\n"), null);
        TextPairs pairs = sources.with(TextPairs.lines("a.de", stream("eins\nzwei"), null));
        assertThat(pairs.text("target")).containsExactly("eins", "zwei");
        TextPairs longer = TextPairs.lines("b.de", stream("eins\nzwei\ndrei\nvier\n"), null);
        assertThatThrownBy(() -> sources.with(longer))
                .hasMessage(
                        "a.en and b.de: expected equally many lines, got 2 and 4; line 3 of b.de has none beside it");
        assertThatThrownBy(() -> longer.with(sources)).hasMessageEndingWith("line 3 of b.de has none beside it");
    }

    @Test
    void refusesLinesThatAreNoPairs() {
        assertThatThrownBy(() -> TextPairs.read("p", stream("a\tb\nc\n"), null))
                .hasMessage("p, line 2: expected two texts with a tab between, as in the first line, got 'c'");
        assertThatThrownBy(() -> TextPairs.read("p", stream("a\nc\td\n"), null))
                .hasMessageStartingWith("p, line 2: expected a text without a tab, as in the first line, got 'c");
        assertThatThrownBy(() -> TextPairs.read("p", stream(""), null))
                .hasMessage("p: expected at least one line, found none");
    }
}
