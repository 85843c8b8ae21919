package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaggedSentenceTest {
    private static List<TaggedSentence> read(String text) throws IOException {
        return TaggedSentence.read("a.conll", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "In\tO\nNew York\tB-loc\n\n\n!\tO\n",
                "\r\nIn\tx\tO\r\nNew York\ty\tB-loc\r\n \t\r\n!\tz\tO",
                "-DOCSTART-\tO\n\nIn\tO\nNew York\tB-loc\n\n-DOCSTART-\tO\n\n!\tO\n\n"
            })
    void takesTheFirstAndTheLastColumn(String text) throws IOException {
        assertThat(read(text))
                .containsExactly(
                        new TaggedSentence(List.of("In", "New York"), List.of("O", "B-loc")),
                        new TaggedSentence(List.of("!"), List.of("O")));
    }

    @Test
    void takesSpacesWhereThereIsNoTab() throws IOException {
        assertThat(read("-DOCSTART- -X- O O\n\nEU NNP  I-NP B-ORG \nrejects VBZ I-VP O\n"))
                .containsExactly(new TaggedSentence(List.of("EU", "rejects"), List.of("B-ORG", "O")));
    }

    @Test
    void namesTheLineOfWhatIsNoTokenAndTag() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\tO\n\nNew York\n"))
                .withMessage("a.conll, line 3: expected a token and 1 more columns, got 'New York'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("a b c\na c\n"))
                .withMessage("a.conll, line 2: expected a token and 2 more columns, got 'a c'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("In\tO\n\tO\n"))
                .withMessageStartingWith("a.conll, line 2: expected a token");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("alone\n"))
                .withMessageStartingWith("a.conll, line 1: expected a token and 1 more columns");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("\n\n"))
                .withMessage("a.conll: expected at least one sentence, found none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TaggedSentence(List.of("a"), List.of()))
                .withMessage("tags: expected one for each of at least one token, got 0 for 1");
    }
}
