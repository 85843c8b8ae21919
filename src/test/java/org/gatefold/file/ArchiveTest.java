package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    @TempDir
    private Path folder;

    private Path zip(String... names) throws IOException {
        Path file = folder.resolve("a.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    @Test
    void entriesAreRead() throws IOException {
        try (Archive archive = Archive.open(zip("a/b", "c"))) {
            assertThat(archive.names()).containsExactly("a/b", "c");
            assertThat(archive.bytes("a/b")).asString().isEqualTo("a/b");
            assertThatThrownBy(() -> archive.bytes("d")).hasMessageContaining("expected an entry 'd', found none");
            assertThatThrownBy(() -> archive.bytes("a/b", 2)).hasMessageContaining("has 3 bytes; expected at most 2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../up", "a/../../up", "/root", "a\\..\\up"})
    void namesThatLeadOutsideAreRefused(String name) throws IOException {
        Path file = zip("fine", name);

        assertThatThrownBy(() -> Archive.open(file).close())
                .isInstanceOf(FileException.class)
                .hasMessageContaining("leads outside the archive");
    }

    @Test
    void aNameThatStandsTwiceIsRefused() throws IOException {
        Path file = zip("one", "two");
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).replace("two", "one");
        Files.write(file, bytes.getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> Archive.open(file).close()).hasMessageContaining("stands in the archive twice");
    }

    @Test
    void aBombIsRefusedBeforeItIsUnpacked() throws IOException {
        Path file = folder.resolve("bomb.zip");
        byte[] zeros = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("zeros"));
            long size = Runtime.getRuntime().maxMemory() / 4 + 1;
            for (long done = 0; done < size; done += zeros.length) {
                zip.write(zeros);
            }
        }
        try (Archive archive = Archive.open(file)) {
            assertThatThrownBy(() -> archive.bytes("zeros")).hasMessageContaining("expected at most");
        }
    }

    @Test
    void anEntryThatIsLongerThanItClaimsIsRefused() throws IOException {
        Path file = zip("entry");
        byte[] bytes = Files.readAllBytes(file);
        // The length in the central directory, 24 bytes behind its signature.
        for (int i = 0; i < bytes.length - 4; i++) {
            if (bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 1 && bytes[i + 3] == 2) {
                bytes[i + 24] = 2;
            }
        }
        Files.write(file, bytes);
        try (Archive archive = Archive.open(file)) {
            assertThatThrownBy(() -> archive.bytes("entry")).isInstanceOf(FileException.class);
        }
    }

    @Test
    void whatIsNoArchiveIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("text.zip"), "no archive");

        assertThatThrownBy(() -> Archive.open(file).close())
                .isInstanceOf(FileException.class)
                .hasMessageContaining("is no zip archive");
    }
}
