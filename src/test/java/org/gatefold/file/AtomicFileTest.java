package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    /** Longer than any buffer on the way to the disk. */
    private static final String TEXT = "0123456789abcdef".repeat(20_000);

    @TempDir
    private Path folder;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void requireOnly(Path... files) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            assertThat(found).containsExactlyInAnyOrder(files);
        }
    }

    @Test
    void aLinkInThePlaceOfTheNewContentIsNotFollowed() throws IOException {
        Path file = folder.resolve("checkpoint.json");
        Path target = Files.writeString(folder.resolve("precious"), "precious");
        Files.createSymbolicLink(folder.resolve("checkpoint.json.part"), target);
        write(file, TEXT);
        assertThat(target).hasContent("precious");
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(file).hasContent(TEXT);
        requireOnly(file, target);
    }

    @Test
    void aLinkInThePlaceOfTheFileIsReplaced() throws IOException {
        Path target = Files.writeString(folder.resolve("precious"), "precious");
        Path file = Files.createSymbolicLink(folder.resolve("model"), target);
        write(file, TEXT);
        assertThat(target).hasContent("precious");
        assertThat(file).hasContent(TEXT);
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void whatAKilledProcessLeftIsReplaced() throws IOException {
        Path file = folder.resolve("model");
        Files.writeString(folder.resolve("model.part"), TEXT + TEXT);
        write(file, TEXT);
        assertThat(file).hasContent(TEXT);
        requireOnly(file);
    }

    @Test
    void aFailureLeavesTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("model"), "old");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    out.write(TEXT.getBytes(StandardCharsets.UTF_8));
                    throw new IOException("no more");
                }))
                .hasMessage("no more");
        assertThat(file).hasContent("old");
        requireOnly(file);
    }

    @Test
    void anInterruptedThreadWrites() throws IOException {
        Path file = folder.resolve("model");
        Thread.currentThread().interrupt();
        write(file, TEXT);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(file).hasContent(TEXT);
    }

    @Test
    void anInterruptWhileWritingIsKeptUntilAllIsWritten() throws IOException {
        Path file = folder.resolve("model");
        AtomicInteger times = new AtomicInteger();
        AtomicFile.write(file, out -> {
            out.write(TEXT.getBytes(StandardCharsets.UTF_8));
            if (times.incrementAndGet() == 1) {
                Thread.currentThread().interrupt();
            }
            out.write(TEXT.getBytes(StandardCharsets.UTF_8));
        });
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(times).hasValue(2);
        assertThat(file).hasContent(TEXT + TEXT);
        requireOnly(file);
    }
}
