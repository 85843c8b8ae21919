package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {
    @TempDir
    private Path folder;

    private static List<String> lines(String text) throws IOException {
        return TextFile.lines("a.txt", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void keepsEveryLineSoThatTwoFilesStayAbreast() throws IOException {
        assertThat(lines("one\n\n  three \r\nfour\r")).containsExactly("one", "", "  three ", "four");
        assertThat(lines("one\ntwo")).containsExactly("one", "two");
        assertThat(lines("\n\n")).containsExactly("", "");
        assertThat(lines("")).isEmpty();
    }

    @Test
    void endsLinesAtLineEndsOnly() throws IOException {
        String odd = "a\u0085b\u2028c\u000Bd\u000Ce\u001Ef, \"g\nh\"";
        assertThat(lines(odd)).containsExactly("a\u0085b\u2028c\u000Bd\u000Ce\u001Ef, \"g", "h\"");
    }

    @Test
    void readsGzipAndOtherCharacterSets() throws IOException {
        Path file = folder.resolve("a.txt.gz");
        Charset windows = Charset.forName("windows-1252");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("déjà\nvu …\n".getBytes(windows));
        }
        assertThat(TextFile.lines(file, windows)).containsExactly("déjà", "vu …");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextFile.lines(file))
                .withMessageStartingWith(file + ", line 1: expected UTF-8, got the byte 0xE9");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TextFile.lines(folder.resolve("none.txt")))
                .withMessage("cannot read " + folder.resolve("none.txt") + ": no such file");
    }
}
