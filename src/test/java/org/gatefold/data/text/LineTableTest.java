package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class LineTableTest {
    private static LineTable read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), null);
    }

    private static LineTable read(byte[] bytes, Charset charset) throws IOException {
        return LineTable.read("a.txt", new ByteArrayInputStream(bytes), charset);
    }

    @Test
    void aLineIsARow() throws IOException {
        LineTable table = read("so it\n\n goes on \nto here");
        assertThat(table.source()).isEqualTo("a.txt");
        assertThat(table.names()).containsExactly("text");
        assertThat(table.text("text")).containsExactly("so it", "", " goes on ", "to here");
        assertThat(table.rows()).isEqualTo(4);
        assertThat(table.where(2, "text")).isEqualTo("a.txt, line 3, column 'text'");
        assertThat(read("a\nb\n").text("text")).containsExactly("a", "b");
    }

    @Test
    void nothingElseEndsALine() throws IOException {
        String line = "a\rb\r\u0085c\u2028d\u2029e\u000bf\u000cg\ud83d\ude00\"h\"\t,";
        assertThat(read(line + "\n" + line + "\r\n").text("text")).containsExactly(line, line + "\r");
    }

    @Test
    void linesMayBeLongerThanABuffer() throws IOException {
        String line = "long ".repeat(20_000);
        assertThat(read("a\n" + line + "\nb\n" + line).text("text")).containsExactly("a", line, "b", line);
    }

    @Test
    void gzipIsUnpackedAndOtherCharacterSetsAreRead() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("\ufeffa\nb\u00e9\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read(packed.toByteArray(), null).text("text")).containsExactly("a", "b\u00e9");
        assertThat(read(new byte[] {'b', (byte) 0xe9, '\n'}, StandardCharsets.ISO_8859_1)
                        .text("text"))
                .containsExactly("b\u00e9");
    }

    /** CR ends no line, so that it is not counted either. */
    @Test
    void whatIsNoTextIsNamedWithItsLine() {
        byte[] wrong = "a\rb\r\n\rc\nd_e\n".getBytes(StandardCharsets.UTF_8);
        wrong[9] = (byte) 0xff;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(wrong, null))
                .withMessage("a.txt, line 3: expected UTF-8, got the byte 0xFF;"
                        + " save it as UTF-8, or say its charset, such as windows-1252");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("a\nb\0c"))
                .withMessage("a.txt, line 2: expected text, got a NUL character");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(""))
                .withMessage("a.txt: expected a text, got an empty file");
    }
}
