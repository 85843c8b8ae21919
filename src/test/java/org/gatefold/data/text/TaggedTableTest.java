package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.gatefold.data.table.MissingValues;
import org.junit.jupiter.api.Test;

class TaggedTableTest {
    private static TaggedTable read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), null);
    }

    private static TaggedTable read(byte[] bytes, Charset charset) throws IOException {
        return TaggedTable.read("a.conll", new ByteArrayInputStream(bytes), charset);
    }

    @Test
    void aSentenceIsARow() throws IOException {
        TaggedTable table = read("-DOCSTART-\tX\tO\n\nIn\tIN\tO\nRome\tNP\tB-LOC\n\n\n!\t.\tO");
        assertThat(table.source()).isEqualTo("a.conll");
        assertThat(table.names()).containsExactly("tokens", "tags");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.text("tokens")).containsExactly("In Rome", "!");
        assertThat(table.text("tags")).containsExactly("O B-LOC", "O");
        assertThat(table.where(0, "tokens")).isEqualTo("a.conll, line 3, column 'tokens'");
        assertThat(table.where(1, "tags")).isEqualTo("a.conll, line 7, column 'tags'");
        assertThat(table.withMissing(MissingValues.DROP, "tags")).isSameAs(table);
    }

    /** Quotes, separators of other formats, spaces that are none of ASCII, and characters of two units. */
    @Test
    void tokensAreKeptAsTheyAre() throws IOException {
        String[] tokens = {"\"", "a,b;c|d", "\\t", "10\u00a0000", "\ud83d\ude00", "e\u0301", "'", "-", "O"};
        TaggedTable table = read(String.join("\tO\n", tokens) + "\tO\n");
        assertThat(TaggedTable.parts(table.text("tokens").get(0))).containsExactly(tokens);
    }

    @Test
    void tokensAloneHaveNoTags() throws IOException {
        TaggedTable table = read("In\nRome\n\n!\n");
        assertThat(table.names()).containsExactly("tokens");
        assertThat(table.has("tags")).isFalse();
        assertThat(table.text("tokens")).containsExactly("In Rome", "!");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.text("tags"))
                .withMessage("a.conll: there is no column 'tags'; its columns are tokens");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\n\nRome\tO\n"))
                .withMessage("a.conll, line 3: token 1 of the sentence: expected one without blanks, got 'Rome O'");
    }

    @Test
    void gzipAndOtherCharacterSetsAreRead() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            zip.write("M\u00e4rz\tO\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        assertThat(read(packed.toByteArray(), StandardCharsets.ISO_8859_1).text("tokens"))
                .containsExactly("M\u00e4rz");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(packed.toByteArray(), null))
                .withMessageStartingWith("a.conll, line 1: expected UTF-8, got the byte 0xE4");
    }

    @Test
    void namesTheLineOfWhatIsNoTokenAndTag() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\tO\n\nto\tO\nNew York\tB-LOC\n"))
                .withMessage("a.conll, line 3: token 2 of the sentence: expected one without blanks, got 'New York'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\tO\nto\tB LOC\n"))
                .withMessage("a.conll, line 1: tag 2 of the sentence: expected one without blanks, got 'B LOC'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\tO\nRome\n"))
                .withMessage("a.conll, line 2: expected a token and 1 more columns, got 'Rome'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("\n"))
                .withMessage("a.conll: expected at least one sentence, found none");
    }

    @Test
    void holdsTextsAlone() throws IOException {
        TaggedTable table = read("\nIn\tO\n");
        assertThat(table.startsWithNumber("tags")).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("tags"))
                .withMessage("a.conll, line 2, column 'tags': expected a number, got a text");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.dates("tags"))
                .withMessage("a.conll, line 2, column 'tags': expected a date, got a text");
    }
}
