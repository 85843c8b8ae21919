package org.gatefold.backend.cuda.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.gatefold.backend.cuda.ChildJvm;
import org.gatefold.backend.cuda.driver.CudaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
    private static final byte[] CODE = "machine code".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private final AtomicInteger builds = new AtomicInteger();

    private byte[] get(KernelCache cache, String key) {
        return cache.get(key, () -> {
            builds.incrementAndGet();
            return CODE.clone();
        });
    }

    private Path entry() throws IOException {
        try (var files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    @Test
    void anEntryIsBuiltOnce() throws IOException {
        KernelCache cache = new KernelCache(folder);
        assertThat(get(cache, "key")).isEqualTo(CODE);
        assertThat(get(cache, "key")).isEqualTo(CODE);
        assertThat(get(new KernelCache(folder), "key")).isEqualTo(CODE);
        assertThat(builds).hasValue(1);
        assertThat(entry()).isRegularFile();
    }

    /** A byte changed in the checksum and in the code, and the file cut before, in and behind the checksum. */
    @Test
    void aDamagedEntryIsBuiltAgain() throws IOException {
        KernelCache cache = new KernelCache(folder);
        get(cache, "key");
        byte[] sound = Files.readAllBytes(entry());
        int expected = 1;
        for (int i : new int[] {0, 31, 32, sound.length - 1}) {
            byte[] changed = sound.clone();
            changed[i] ^= 1;
            Files.write(entry(), changed);
            assertThat(get(cache, "key")).isEqualTo(CODE);
            Files.write(entry(), Arrays.copyOf(sound, i));
            assertThat(get(cache, "key")).isEqualTo(CODE);
            expected += 2;
            assertThat(builds).hasValue(expected);
            assertThat(Files.readAllBytes(entry())).isEqualTo(sound);
        }
    }

    /** Sound by its checksum, which whoever plants an entry can make as well. */
    @Test
    void anEntryThatOthersCouldHaveWrittenIsBuiltAgain() throws IOException {
        KernelCache cache = new KernelCache(folder);
        get(cache, "key");
        Files.setPosixFilePermissions(entry(), PosixFilePermissions.fromString("rw-rw-r--"));
        get(cache, "key");
        assertThat(builds).hasValue(2);
        Path target = folder.resolve("planted");
        Files.move(entry(), target);
        Files.createSymbolicLink(folder.resolve("key.kernel"), target);
        get(cache, "key");
        assertThat(builds).hasValue(3);
        Files.delete(target);
        assertThat(entry()).isRegularFile();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        get(cache, "key");
        assertThat(builds).hasValue(4);
        assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        get(cache, "key");
        assertThat(builds).hasValue(4);
    }

    @Test
    void aFailedBuildLeavesNothing() throws IOException {
        KernelCache cache = new KernelCache(folder);
        assertThatThrownBy(() -> cache.get("key", () -> {
                    throw new CudaException("does not compile");
                }))
                .hasMessage("does not compile");
        assertThat(folder).isEmptyDirectory();
        assertThat(get(cache, "key")).isEqualTo(CODE);
    }

    /** A file where the folder should be: what no user, root included, can write into. */
    @Test
    void withoutAFolderEveryUseBuilds() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        KernelCache cache = new KernelCache(file.resolve("cache"));
        assertThat(get(cache, "key")).isEqualTo(CODE);
        assertThat(get(cache, "key")).isEqualTo(CODE);
        assertThat(builds).hasValue(2);
    }

    @Test
    void keysTellPartsApart() {
        assertThat(KernelCache.key(List.of("ab", "c"))).isNotEqualTo(KernelCache.key(List.of("a", "bc")));
        assertThat(KernelCache.key(List.of("a", "b"))).isNotEqualTo(KernelCache.key(List.of("b", "a")));
        assertThat(KernelCache.key(List.of("a", "b"))).isEqualTo(KernelCache.key(List.of("a", "b")));
    }

    /** Processes that read, build, write and damage the same entry never see anything but its code. */
    @Test
    void manyProcessesShareAFolder() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(ChildJvm.start(ChildJvm.classPath(), List.of(), Sharer.class, folder.toString(), "" + i));
        }
        for (Process process : processes) {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(output).contains("all sound");
            assertThat(process.exitValue()).isZero();
        }
    }

    /** One of the processes; damages the entry now and then. */
    static final class Sharer {
        private Sharer() {}

        public static void main(String... arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            int self = Integer.parseInt(arguments[1]);
            KernelCache cache = new KernelCache(folder);
            byte[] code = new byte[1 << 16];
            Arrays.fill(code, (byte) 7);
            for (int round = 0; round < 100; round++) {
                if (!Arrays.equals(code, cache.get("shared", code::clone))) {
                    throw new IllegalStateException("process " + self + " read something else");
                }
                if (round % 10 == self) {
                    Path damaged = Files.write(folder.resolve("damaged" + self), new byte[100]);
                    Files.move(
                            damaged,
                            folder.resolve("shared.kernel"),
                            StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            System.out.println("all sound");
        }
    }
}
