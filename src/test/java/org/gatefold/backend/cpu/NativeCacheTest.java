package org.gatefold.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.UserCache;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of native libraries: what is found again, what is made anew, and what nobody else can slip in. */
class NativeCacheTest {
    private static final byte[] LIBRARY = bytes("a library");

    @TempDir
    private Path directory;

    private Path folder;
    private NativeCache cache;

    @BeforeEach
    void makeCache() {
        folder = directory.resolve("caches").resolve("native");
        cache = new NativeCache(folder);
    }

    @Test
    void aLibraryIsWrittenOnceForItsOwnerOnly() throws IOException {
        Path file = cache.keep(LIBRARY, ".so");
        assertThat(file).hasParent(folder).hasBinaryContent(LIBRARY);
        assertThat(file.toString()).endsWith(".so");
        assertThat(permissions(folder)).isEqualTo("rwx------");
        assertThat(permissions(folder.getParent())).isEqualTo("rwx------");
        assertThat(permissions(file)).isEqualTo("rw-------");
        Object written = key(file);
        assertThat(new NativeCache(folder).keep(LIBRARY, ".so")).isEqualTo(file);
        assertThat(key(file)).isEqualTo(written);
        assertThat(files()).containsExactly(file);
    }

    @Test
    void anotherContentIsAnotherFile() throws IOException {
        Path file = cache.keep(LIBRARY, ".so");
        Path other = cache.keep(bytes("a 1ibrary"), ".so");
        assertThat(other).isNotEqualTo(file).hasBinaryContent(bytes("a 1ibrary"));
        assertThat(file).hasBinaryContent(LIBRARY);
    }

    @Test
    void aFileWithOtherContentIsReplacedNotWrittenTo() throws IOException {
        Path file = cache.keep(LIBRARY, ".so");
        for (String damaged : List.of("a 1ibrary", "a lib", "")) {
            Files.writeString(file, damaged);
            Object before = key(file);
            cache.keep(LIBRARY, ".so");
            assertThat(file).hasBinaryContent(LIBRARY);
            assertThat(key(file)).as("a process may have mapped the old file").isNotEqualTo(before);
        }
    }

    @Test
    void aFileThatOthersCanWriteIsReplaced() throws IOException {
        Path file = cache.keep(LIBRARY, ".so");
        Object before = key(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        cache.keep(LIBRARY, ".so");
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(key(file)).isNotEqualTo(before);
    }

    @Test
    void aLinkInPlaceOfAFileIsReplacedAndItsTargetLeftAlone() throws IOException {
        Path file = cache.keep(LIBRARY, ".so");
        Path elsewhere = Files.write(directory.resolve("elsewhere.so"), LIBRARY);
        Files.delete(file);
        Files.createSymbolicLink(file, elsewhere);
        assertThat(cache.keep(LIBRARY, ".so")).isEqualTo(file);
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(elsewhere).hasBinaryContent(LIBRARY);
    }

    @Test
    void aLinkInPlaceOfTheFolderIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createDirectory(folder.getParent());
        Files.createSymbolicLink(folder, elsewhere);
        assertThatThrownBy(() -> cache.keep(LIBRARY, ".so"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString());
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aFolderThatOthersCanWriteIsClosedToThem() throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        cache.keep(LIBRARY, ".so");
        assertThat(permissions(folder)).isEqualTo("rwx------");
    }

    @Test
    void whatKilledProcessesLeftIsDeletedButNotWhatIsBeingWritten() throws IOException {
        cache.keep(LIBRARY, ".so");
        Path abandoned = aged(Files.write(folder.resolve("gatefold-17.part"), LIBRARY), Duration.ofHours(2));
        Path atWork = Files.write(folder.resolve("gatefold-18.part"), LIBRARY);
        Path foreign = aged(Files.write(folder.resolve("letter.part"), LIBRARY), Duration.ofHours(2));
        Path file = cache.keep(LIBRARY, ".so");
        assertThat(abandoned).doesNotExist();
        assertThat(files()).containsExactlyInAnyOrder(atWork, foreign, file);
    }

    @Test
    void theLastUsedLibrariesStay() throws IOException {
        List<Path> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            made.add(aged(cache.keep(bytes("build " + i), ".so"), Duration.ofDays(10 - i)));
        }
        aged(cache.keep(bytes("build 0"), ".so"), Duration.ofDays(1)); // used again
        Path file = cache.keep(LIBRARY, ".so");
        assertThat(files()).containsExactlyInAnyOrder(file, made.get(0), made.get(6), made.get(5));
    }

    @Test
    void theFolderIsTheUsersCacheOrTheOneThatIsNamed() throws IOException {
        Path home = directory.resolve("home");
        Path caches = directory.resolve("xdg");
        assertThat(NativeCache.chosen("", new UserCache("", home.toString()))
                        .orElseThrow()
                        .keep(LIBRARY, ".so"))
                .hasParent(home.resolve(".cache/gatefold/native"));
        assertThat(NativeCache.chosen("", new UserCache(caches.toString(), home.toString()))
                        .orElseThrow()
                        .keep(LIBRARY, ".so"))
                .hasParent(caches.resolve("gatefold/native"));
        assertThat(NativeCache.chosen(folder.toString(), new UserCache(caches.toString(), home.toString()))
                        .orElseThrow()
                        .keep(LIBRARY, ".so"))
                .hasParent(folder);
        assertThat(NativeCache.chosen("off", new UserCache(caches.toString(), home.toString())))
                .isEmpty();
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static Path aged(Path file, Duration age) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
