package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionedFileTest {
    private static final int READS = 3_000;
    private static final long BETWEEN_INTERRUPTS = 100_000;

    @TempDir
    private Path folder;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    /** Whatever moment an interrupt comes at, all bytes are right and none is there twice. */
    @Test
    void interruptsAtAnyMomentDoNotDisturb() throws Exception {
        byte[] bytes = new byte[1 << 16];
        new Random(1).nextBytes(bytes);
        Path path = Files.write(folder.resolve("file"), bytes);
        Thread reader = Thread.currentThread();
        AtomicBoolean done = new AtomicBoolean();
        Thread interrupter = new Thread(() -> {
            while (!done.get()) {
                reader.interrupt();
                LockSupport.parkNanos(BETWEEN_INTERRUPTS);
            }
        });
        interrupter.start();
        try (PositionedFile file = new PositionedFile(path)) {
            for (int i = 0; i < READS; i++) {
                ByteBuffer read = ByteBuffer.allocate(bytes.length);
                while (read.hasRemaining()) {
                    assertThat(file.read(read, read.position())).isPositive();
                }
                assertThat(read.array()).isEqualTo(bytes);
            }
        } finally {
            done.set(true);
            while (interrupter.isAlive()) {
                Thread.interrupted();
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aFileThatIsNotThereIsNoSuchFile() {
        assertThatThrownBy(() -> new PositionedFile(folder.resolve("none")).close())
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void endsWhereTheFileEnds() throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[10]);
        try (PositionedFile file = new PositionedFile(path)) {
            assertThat(file.size()).isEqualTo(10);
            assertThat(file.read(ByteBuffer.allocate(8), 6)).isEqualTo(4);
            assertThat(file.read(ByteBuffer.allocate(8), 10)).isNegative();
        }
    }
}
