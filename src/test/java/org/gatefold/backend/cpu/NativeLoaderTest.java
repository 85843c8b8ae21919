package org.gatefold.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loader: what it extracts, what it leaves behind, and what it says when it fails. */
class NativeLoaderTest {
    private static final String OS = System.getProperty("os.name");
    private static final String ARCH = System.getProperty("os.arch");

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
        assertThat(NativeLoader.load("", OS, ARCH, path -> {
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
        assertThat(NativeLoader.load("", OS, ARCH, path -> {
                    copies.add(Path.of(path));
                    throw new UnsatisfiedLinkError("libc.so.7: cannot open shared object file");
                }))
                .hasValueSatisfying(reason -> assertThat(reason).contains("libc.so.7", "java.io.tmpdir"));
        assertThat(copies.get(0)).doesNotExist();
    }

    @Test
    void anotherPlatformIsAReason() {
        assertThat(NativeLoader.load("", "Plan 9", ARCH, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("Plan 9", ARCH));
        assertThat(NativeLoader.load("", "Linux", "riscv64", NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("riscv64"));
    }

    @Test
    void aPlatformWithoutLibraryInTheJarIsAReason() {
        String other = ARCH.equals("aarch64") ? "amd64" : "aarch64";
        assertThat(NativeLoader.load("", OS, other, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("class path holds no /org/gatefold/native/"));
    }

    @Test
    void theSwitchIsHonoured() {
        assertThat(NativeLoader.load("off", OS, ARCH, NativeLoaderTest::mustNotLoad))
                .hasValue("switched off by -Dgatefold.native=off");
    }

    @Test
    void aFileThatIsNamedIsLoadedFromWhereItIs(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("mine.so"));
        List<String> loaded = new ArrayList<>();
        assertThat(NativeLoader.load(file.toString(), OS, ARCH, loaded::add)).isEmpty();
        assertThat(loaded).containsExactly(file.toAbsolutePath().toString());
        assertThat(file).exists();
        assertThat(NativeLoader.load(directory + "/none.so", OS, ARCH, NativeLoaderTest::mustNotLoad))
                .hasValueSatisfying(reason -> assertThat(reason).contains("gatefold.native", "none.so"));
    }

    @Test
    void aBrokenFileIsAReason(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("libbroken.so"), "this is no library");
        assertThat(NativeLoader.load(file.toString(), OS, ARCH, System::load))
                .hasValueSatisfying(reason -> assertThat(reason).contains("cannot load the native library"));
    }

    @Test
    void anotherVersionIsAReason() {
        assertThat(NativeLoader.versionFailure(NativeLibrary.ABI_VERSION)).isEmpty();
        assertThat(NativeLoader.versionFailure(99))
                .hasValueSatisfying(reason -> assertThat(reason).contains("version 99", "another release"));
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
