package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.gatefold.data.table.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFolderTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void hide() throws IOException {
        write(".hidden", "not a class\n");
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    }

    private Table read() throws IOException {
        return TextFolder.read(folder, null);
    }

    @Test
    void aFileForEachClassHasATextALine() throws IOException {
        write("pos.txt", "fine\nvery fine\n");
        write("neg.txt", "bad\n");
        Table table = read();
        assertThat(table.text("text")).containsExactly("bad", "fine", "very fine");
        assertThat(table.text("label")).containsExactly("neg", "pos", "pos");
        assertThat(table.where(2, "text")).isEqualTo(folder.resolve("pos.txt") + ", line 2, column 'text'");
        assertThat(TextFolder.files(folder)).containsExactly(folder.resolve("neg.txt"), folder.resolve("pos.txt"));
    }

    @Test
    void namesThatDifferInTheirEndingKeepIt() throws IOException {
        write("films.neg", "bad\n");
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(folder.resolve("films.pos.gz")))) {
            packed.write("fine\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read().text("label")).containsExactly("films.neg", "films.pos");
    }

    @Test
    void aFolderForEachClassHasATextAFile() throws IOException {
        write("sport/b.txt", "two\nlines\n");
        write("sport/a.txt", "one");
        write("money/.hidden", "none");
        write("money/x.y.txt", "three");
        Table table = read();
        assertThat(table.text("text")).containsExactly("three", "one", "two\nlines");
        assertThat(table.text("label")).containsExactly("money", "sport", "sport");
        assertThat(table.where(2, "label")).isEqualTo(folder.resolve("sport/b.txt") + ", column 'label'");
        assertThat(TextFolder.files(folder)).hasSize(3);
    }

    @Test
    void textsOfAnotherCharacterSetAreReadIfItIsSaid() throws IOException {
        write("a.txt", "caf\u00e9\n");
        assertThatIllegalArgumentException().isThrownBy(this::read).withMessageContaining(folder.resolve("a.txt") + "");
        assertThat(TextFolder.read(folder, Charset.forName("windows-1252")).text("text"))
                .containsExactly("caf\u00e9");
    }

    @Test
    void whatIsNoFolderOfClassesIsNamed() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(folder + ": expected texts, found none");
        write("a/1.txt", "one");
        write("b.txt", "two");
        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(folder + ": expected a folder for each class or a file for each class, got the folder 'a'"
                        + " and the file 'b.txt'");
    }

    @Test
    void columnsThatAreNotThereAreNamed() throws IOException {
        write("a.txt", "one\n");
        Table table = read();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.text("words"))
                .withMessage(folder + ": there is no column 'words'; its columns are text, label");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.numbers("text"))
                .withMessage(folder.resolve("a.txt") + ", line 1, column 'text': expected a number, got a text");
    }
}
