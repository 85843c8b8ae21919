package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir
    private Path folder;

    private boolean isFree() throws IOException {
        try (FolderLock lock = FolderLock.take(folder)) {
            return lock != null;
        }
    }

    @Test
    void isHeldOnceUntilClosed() throws IOException {
        try (FolderLock lock = FolderLock.take(folder)) {
            assertThat(lock).isNotNull();
            assertThat(isFree()).isFalse();
            assertThat(isFree()).as("asking does not let go").isFalse();
        }
        assertThat(isFree()).isTrue();
    }

    @Test
    void isTakenByInterruptedThreadsToo() throws IOException {
        Thread.currentThread().interrupt();
        try (FolderLock lock = FolderLock.take(folder)) {
            assertThat(lock).isNotNull();
            assertThat(isFree()).isFalse();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void doesNotFollowLinks() throws IOException {
        Path target = folder.resolve("target");
        Files.createSymbolicLink(folder.resolve(".lock"), target);
        assertThatThrownBy(this::isFree).isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
    }
}
