package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {
    private static JsonLines read(String text) throws IOException {
        return JsonLines.read("a.jsonl", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), null);
    }

    @Test
    void readsFieldsAsTheyAreWritten() throws IOException {
        String first =
                "{\"text\": \"a \\\"b\\\"\\n\\u00e9\", \"stars\": 1.50, \"good\": true, \"more\": {\"text\": [1]}}";
        String third = "{\"good\": false, \"stars\": \"2\", \"text\": \"\", \"other\": 1}\r";
        JsonLines table = read(String.join("\n", first, "", third, ""));
        assertThat(table.names()).containsExactly("text", "stars", "good");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.text("text")).containsExactly("a \"b\"\n\u00e9", "");
        assertThat(table.text("stars")).containsExactly("1.50", "2");
        assertThat(table.text("good")).containsExactly("true", "false");
        assertThat(table.where(1, "text")).isEqualTo("a.jsonl, line 3, column 'text'");
    }

    @Test
    void aColumnThatARowDoesNotHaveIsNamedWhereItIsAskedFor() throws IOException {
        JsonLines table =
                read("{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\", \"label\": null}\n{\"text\": \"c\"}\n");
        assertThat(table.text("text")).hasSize(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.text("label"))
                .withMessage("a.jsonl, line 2, column 'label': expected a text, a number, or true or false, got none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.text("title"))
                .withMessage("a.jsonl: there is no column 'title'; its columns are text, label");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|[1]",
                "{\"text\": 1|{\"text\": 1",
                "{\"text\": }|{\"text\": }",
                "{\"text\": 1} {}|{\"text\": 1} {}",
                "{text: 1}|{text: 1}",
                "hello|hello",
                "{\"text\": NaN}|{\"text\": NaN}",
            })
    void aLineThatIsNoObjectIsNamed(String line, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"text\": \"a\"}\n" + line + "\n"))
                .withMessage("a.jsonl, line 2: expected one JSON object, got '" + shown + "'");
    }

    @Test
    void deepOrEmptyFilesDoNoHarm() {
        String deep = "{\"text\": " + "[".repeat(200_000) + "]".repeat(200_000) + "}";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(deep))
                .withMessageStartingWith("a.jsonl, line 1: expected one JSON object, got '{\"text\": [[[");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("\n \n"))
                .withMessage("a.jsonl: expected a JSON object a line, found none");
    }

    @Test
    void namesTellWhatAFileHolds() {
        assertThat(JsonLines.isName("/tmp/a.jsonl")).isTrue();
        assertThat(JsonLines.isName("A.NDJSON.GZ")).isTrue();
        assertThat(JsonLines.isName("a.jsonl.csv")).isFalse();
    }
}
