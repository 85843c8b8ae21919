package org.gatefold.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gatefold.device.UserCache;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loader: what it extracts, what it leaves behind, and what it says when it fails. */
class NativeLoaderTest {
    private static final String OS = System.getProperty("os.name");
    private static final String ARCH = System.getProperty("os.arch");
    private static final Optional<NativeCache> NO_CACHE = Optional.empty();

    /** The tests put fakes in the linker's place, after which the loader asks the library for its version. */
    @BeforeAll
    static void loadTheLibrary() {
        assertThat(NativeLoader.failure()).isEmpty();
    }

    @Test
    void theLibraryOfThisPlatformIsLoaded() {
        assertThat(NativeLibrary.abiVersion()).isEqualTo(NativeLibrary.ABI_VERSION);
    }

    @Test
    void theCopyIsWholeWhenLoadedAndGoneAfterwards() {
        List<Path> copies = new ArrayList<>();
        List<Long> sizes = new ArrayList<>();
        assertThat(NativeLoader.load("", NO_CACHE, OS, ARCH, path -> {
                    copies.add(Path.of(path));
                    sizes.add(size(Path.of(path)));
                }))
                .isEmpty();
        assertThat(copies).hasSize(1);
        assertThat(sizes.get(0)).isGreaterThan(100_000);
        assertThat(copies.get(0)).isAbsolute().doesNotExist();
        assertThat(copies.get(0).getParent()).doesNotExist();
    }

    @Test
    void aLibraryThatDoesNotLinkIsAReasonAndLeavesNoFile() {
        List<Path> copies = new ArrayList<>();
        assertThat(NativeLoader.load("", NO_CACHE, OS, ARCH, path -> {
                    copies.add(Path.of(path));
                    throw new UnsatisfiedLinkError("libc.so.7: cannot open shared object file");
                }))
                .hasValueSatisfying(reason -> assertThat(reason).contains("libc.so.7", "java.io.tmpdir"));
        assertThat(copies.get(0)).doesNotExist();
    }

    @Test
    void anotherPlatformIsAReason() {
        assertThat(NativeLoader.load("", NO_CACHE, "Plan 9", ARCH, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("Plan 9", ARCH));
        assertThat(NativeLoader.load("", NO_CACHE, "Linux", "riscv64", NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("riscv64"));
    }

    @Test
    void aPlatformWithoutLibraryInTheJarIsAReason() {
        String other = ARCH.equals("aarch64") ? "amd64" : "aarch64";
        assertThat(NativeLoader.load("", NO_CACHE, OS, other, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("class path holds no /org/gatefold/native/"));
    }

    @Test
    void theSwitchIsHonoured() {
        assertThat(NativeLoader.load("off", NO_CACHE, OS, ARCH, NativeLoaderTest::mustNotLoad))
                .hasValue("switched off by -Dgatefold.native=off");
    }

    @Test
    void aFileThatIsNamedIsLoadedFromWhereItIs(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("mine.so"));
        List<String> loaded = new ArrayList<>();
        assertThat(NativeLoader.load(file.toString(), NO_CACHE, OS, ARCH, loaded::add))
                .isEmpty();
        assertThat(loaded).containsExactly(file.toAbsolutePath().toString());
        assertThat(file).exists();
        assertThat(NativeLoader.load(directory + "/none.so", NO_CACHE, OS, ARCH, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("gatefold.native", "none.so"));
    }

    @Test
    void aBrokenFileIsAReason(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("libbroken.so"), "this is no library");
        assertThat(NativeLoader.load(file.toString(), NO_CACHE, OS, ARCH, System::load))
                .hasValueSatisfying(reason -> assertThat(reason).contains("cannot load the native library"));
    }

    @Test
    void anotherVersionIsAReason() {
        assertThat(NativeLoader.versionFailure(NativeLibrary.ABI_VERSION)).isEmpty();
        assertThat(NativeLoader.versionFailure(99))
                .hasValueSatisfying(reason -> assertThat(reason).contains("version 99", "another release"));
    }

    @Test
    void theLibraryIsLoadedFromTheCache(@TempDir Path directory) throws IOException {
        Path folder = directory.resolve("cache");
        List<Path> loaded = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            assertThat(load(folder, path -> loaded.add(Path.of(path)))).isEmpty();
        }
        assertThat(loaded.get(0)).hasParent(folder).isRegularFile();
        assertThat(loaded.get(1)).isEqualTo(loaded.get(0));
        assertThat(folder).isDirectoryContaining(loaded.get(0)::equals);
        assertThat(loaded.get(0)).hasBinaryContent(library());
    }

    @Test
    void withoutAUsableCacheACopyIsLoaded(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("a-file"));
        List<Path> loaded = new ArrayList<>();
        assertThat(load(file, path -> loaded.add(Path.of(path)))).isEmpty();
        assertThat(loaded).hasSize(1);
        assertThat(loaded.get(0)).doesNotExist();
        assertThat(file).isEmptyFile();
    }

    @Test
    void whereTheCachedFileCannotBeLoadedACopyIs(@TempDir Path directory) {
        List<Path> loaded = new ArrayList<>();
        assertThat(load(directory, path -> {
                    loaded.add(Path.of(path));
                    if (loaded.size() == 1) {
                        throw new UnsatisfiedLinkError("already loaded in another classloader");
                    }
                }))
                .isEmpty();
        assertThat(loaded.get(0)).hasParent(directory).exists();
        assertThat(loaded.get(1)).doesNotExist();
    }

    @Test
    void aProcessKilledWhileLoadingLeavesNothingInTheTemporaryDirectory(@TempDir Path directory)
            throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Path cache = directory.resolve("cache");
        killWhileLoading(temporary, cache.toString());
        assertThat(temporary).isEmptyDirectory();
        List<Path> loaded = new ArrayList<>();
        assertThat(load(cache, path -> loaded.add(Path.of(path)))).isEmpty();
        assertThat(loaded.get(0)).hasParent(cache).hasBinaryContent(library());
    }

    @Test
    void whatAKilledProcessLeftWithoutACacheIsSweptLater(@TempDir Path directory)
            throws IOException, InterruptedException {
        killWhileLoading(directory, "off");
        Path left;
        try (Stream<Path> files = Files.list(directory)) {
            left = files.findFirst().orElseThrow();
        }
        // Directories are listed in any order; many of them come before some of the others.
        List<Path> foreign = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            foreign.add(Files.createDirectory(directory.resolve("gatefold-native-with-more-in-it-" + i)));
            Files.createFile(foreign.get(i).resolve("letters.txt"));
        }
        killWhileLoading(directory, "off");
        assertThat(left).as("a process may be at it").isDirectory();
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Files.setLastModifiedTime(left, longAgo);
        for (Path other : foreign) {
            Files.setLastModifiedTime(other, longAgo);
        }
        killWhileLoading(directory, "off");
        assertThat(left).doesNotExist();
        assertThat(foreign)
                .allSatisfy(other -> assertThat(other.resolve("letters.txt")).exists());
    }

    /** Starts a JVM that ends by itself, without a last word, when it would load the library. */
    private static void killWhileLoading(Path temporary, String cache) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWhileLoading.class.getName(),
                        cache)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        assertThat(process.waitFor()).as(output).isEqualTo(KilledWhileLoading.STATUS);
    }

    static final class KilledWhileLoading {
        static final int STATUS = 99;

        private KilledWhileLoading() {}

        public static void main(String[] arguments) {
            NativeLoader.load(
                    "", NativeCache.chosen(arguments[0], new UserCache("", "")), OS, ARCH, path -> Runtime.getRuntime()
                            .halt(STATUS));
        }
    }

    private static Optional<String> load(Path cache, NativeLoader.Linker linker) {
        return NativeLoader.load("", Optional.of(new NativeCache(cache)), OS, ARCH, linker);
    }

    private static byte[] library() throws IOException {
        String resource =
                NativeLoader.resource(OS, NativeLoader.platform(OS, ARCH).orElseThrow());
        try (InputStream in = NativeLoaderTest.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        }
    }

    private static void mustNotLoad(String path) {
        throw new AssertionError("loaded " + path);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
