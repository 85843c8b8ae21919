package org.gatefold.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.gatefold.backend.cuda.driver.CudaException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are loaded, and what is said of those that are missing; with folders of empty files. */
class LibraryChoiceTest {
    private static final List<String> RUNTIME = List.of("libnvrtc.so.12", "libcublas.so.12");

    @TempDir
    Path temporary;

    private Path system;
    private Path own;
    private Path classPath;

    @BeforeEach
    void makeFolders() throws IOException {
        system = Files.createDirectory(temporary.resolve("system"));
        own = Files.createDirectory(temporary.resolve("own"));
        classPath = Files.createDirectory(temporary.resolve("classpath"));
    }

    private LibraryChoice choice(String folder) throws IOException {
        URLClassLoader loader = new URLClassLoader(new URL[] {classPath.toUri().toURL()}, null);
        return new LibraryChoice(
                folder,
                new LibrarySearch(List.of(temporary.resolve("absent"), system), List.of()),
                new RedistLibraries(loader, temporary.resolve("unpacked")));
    }

    private static void files(Path folder, String... names) throws IOException {
        Files.createDirectories(folder);
        for (String name : names) {
            Files.writeString(folder.resolve(name), "content of " + name);
        }
    }

    private void jar() throws IOException {
        files(
                classPath.resolve("org/bytedeco/cuda/linux-x86_64"),
                "libnvrtc.so.12",
                "libnvrtc-builtins.so.12.6",
                "libcublas.so.12",
                "libcublasLt.so.12");
        Path version = Files.createDirectories(classPath.resolve("META-INF/maven/org.bytedeco/cuda"));
        Files.writeString(version.resolve("pom.properties"), "version=12.6-test\n");
    }

    @Test
    void aBareMachineIsToldOfDriverAndLibraries() throws IOException {
        assertThat(choice("").missing().orElseThrow())
                .isEqualTo(
                        "no NVIDIA driver (libcuda.so.1 is not installed) and no libraries of CUDA 12 or 13 (libnvrtc.so.12,"
                                + " libcublas.so.12 are not installed): install the driver of your GPU; install CUDA 12 or 13, or take"
                                + " its libraries from Maven (build with -Pcuda-redist: GATEFOLD_MAVEN_OPTS=-Pcuda-redist"
                                + " ./gatefold)");
    }

    @Test
    void withTheJarOnlyTheDriverIsMissingAndNothingIsUnpacked() throws IOException {
        jar();
        assertThat(choice("").missing().orElseThrow())
                .isEqualTo("no NVIDIA driver (libcuda.so.1 is not installed): install the driver of your GPU");
        assertThat(temporary.resolve("unpacked")).doesNotExist();
    }

    @Test
    void anotherVersionOfCudaIsNamed() throws IOException {
        files(system, "libcuda.so.1", "libnvrtc.so.11", "libcublas.so.11");
        assertThat(choice("").missing().orElseThrow())
                .contains("there is another version, " + system.resolve("libnvrtc.so.11"))
                .doesNotContain("driver (");
    }

    /** Each library by itself, from where 12 would be taken, and only if that has no 12. */
    @Test
    void librariesOfCuda13AreTakenWhereThereAreNoneOf12() throws IOException {
        jar();
        files(
                system,
                "libcuda.so.1",
                "libnvrtc.so.13",
                "libnvrtc-builtins.so.13.0",
                "libcublas.so.13",
                "libcublasLt.so.13");
        LibraryChoice choice = choice("");
        assertThat(choice.missing()).isEmpty();
        assertThat(choice.release(LibraryChoice.NVRTC)).isEqualTo(13);
        assertThat(choice.all())
                .containsExactly(
                        system.resolve("libcuda.so.1"),
                        system.resolve("libnvrtc-builtins.so.13.0"),
                        system.resolve("libnvrtc.so.13"),
                        system.resolve("libcublasLt.so.13"),
                        system.resolve("libcublas.so.13"));
        files(system, "libcublas.so.12");
        assertThat(choice.all()).contains(system.resolve("libcublas.so.12"), system.resolve("libnvrtc.so.13"));
        assertThat(choice.release(LibraryChoice.CUBLAS)).isEqualTo(12);
        files(own, "libnvrtc.so.13", "libcublas.so.13");
        assertThat(choice(own.toString()).missing()).isEmpty();
        assertThat(choice(own.toString()).all())
                .containsExactly(
                        system.resolve("libcuda.so.1"), own.resolve("libnvrtc.so.13"), own.resolve("libcublas.so.13"));
    }

    @Test
    void theSystemComesBeforeTheJar() throws IOException {
        jar();
        files(system, "libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12", "libcublasLt.so.12");
        LibraryChoice choice = choice("");
        assertThat(choice.missing()).isEmpty();
        assertThat(choice.all())
                .containsExactly(
                        system.resolve("libcuda.so.1"),
                        system.resolve("libnvrtc.so.12"),
                        system.resolve("libcublasLt.so.12"),
                        system.resolve("libcublas.so.12"));
    }

    @Test
    void theJarServesWhatTheSystemLacks() throws IOException {
        jar();
        files(system, "libcuda.so.1");
        LibraryChoice choice = choice("");
        assertThat(choice.missing()).isEmpty();
        Path unpacked = temporary.resolve("unpacked/12.6-test");
        assertThat(choice.all())
                .containsExactly(
                        system.resolve("libcuda.so.1"),
                        unpacked.resolve("libnvrtc-builtins.so.12.6"),
                        unpacked.resolve("libnvrtc.so.12"),
                        unpacked.resolve("libcublasLt.so.12"),
                        unpacked.resolve("libcublas.so.12"));
        assertThat(unpacked.resolve("libcublas.so.12")).hasContent("content of libcublas.so.12");
    }

    @Test
    void aDamagedUnpackedLibraryIsUnpackedAgain() throws IOException {
        jar();
        Path library = choice("").compiler().get(1);
        Files.writeString(library, "cut");
        choice("").compiler();
        assertThat(library).hasContent("content of libnvrtc.so.12");
        try (var files = Files.list(library.getParent())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("libnvrtc.so.12", "libnvrtc-builtins.so.12.6", "unpack.lock");
        }
    }

    @Test
    void anUnpackedLibraryIsLeftAlone() throws IOException {
        jar();
        Path library = choice("").compiler().get(1);
        Object made = Files.getAttribute(library, "unix:ino");
        choice("").compiler();
        assertThat(Files.getAttribute(library, "unix:ino")).isEqualTo(made);
    }

    /** Of the right size, but not certainly what was unpacked. */
    @Test
    void aLibraryThatOthersCanWriteIsUnpackedAgain() throws IOException {
        jar();
        Path library = choice("").compiler().get(1);
        String planted = "content of something else".substring(0, (int) Files.size(library));
        Files.writeString(library, planted);
        Files.setPosixFilePermissions(library, PosixFilePermissions.fromString("rw-rw-rw-"));
        choice("").compiler();
        assertThat(library).hasContent("content of libnvrtc.so.12");
        assertThat(Files.getPosixFilePermissions(library.getParent()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aFolderThatCannotBeWrittenIsSaid() throws IOException {
        jar();
        Files.writeString(temporary.resolve("unpacked"), "a file where a folder is wanted");
        LibraryChoice choice = choice("");
        assertThatThrownBy(choice::compiler)
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("cannot be unpacked into " + temporary.resolve("unpacked/12.6-test"))
                .hasMessageContaining("-Dgatefold.cuda.redist");
    }

    @Test
    void theUsersFolderComesFirst() throws IOException {
        jar();
        files(system, "libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12");
        files(own, "libnvrtc.so.12", "libcublas.so.12");
        LibraryChoice choice = choice(own.toString());
        assertThat(choice.missing()).isEmpty();
        assertThat(choice.all())
                .containsExactly(
                        system.resolve("libcuda.so.1"), own.resolve("libnvrtc.so.12"), own.resolve("libcublas.so.12"));
        files(own, "libcuda.so.1");
        assertThat(choice(own.toString()).all()).startsWith(own.resolve("libcuda.so.1"));
    }

    @Test
    void theUsersFolderMustHoldTheLibraries() throws IOException {
        files(system, "libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12");
        assertThat(choice(own.toString()).missing().orElseThrow())
                .startsWith("-Dgatefold.cuda.libraries=" + own + " has no " + String.join(", ", RUNTIME));
        assertThat(choice(own + "/absent").missing().orElseThrow())
                .startsWith("-Dgatefold.cuda.libraries: expected a folder, got '" + own + "/absent'");
    }

    @Test
    void aLibraryForAnotherMachineIsPassedOver() throws IOException {
        byte[] header = new byte[64];
        header[0] = 0x7F;
        header[1] = 'E';
        header[2] = 'L';
        header[3] = 'F';
        header[4] = 1;
        Files.write(system.resolve("libcuda.so.1"), header);
        LibrarySearch search = new LibrarySearch(List.of(system), List.of());
        assertThat(search.find("libcuda.so.1")).isEmpty();
        header[4] = 2;
        header[18] = 62;
        Files.write(system.resolve("libcuda.so.1"), header);
        assertThat(search.find("libcuda.so.1")).contains(system.resolve("libcuda.so.1"));
    }

    @Test
    void whatTheProcessHasMappedIsNotLoadedAgain() throws IOException {
        Path mapped = own.resolve("libcuda.so.1");
        files(system, "libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12");
        LibraryChoice choice = new LibraryChoice(
                "",
                new LibrarySearch(List.of(system), List.of(mapped)),
                new RedistLibraries(ClassLoader.getPlatformClassLoader(), temporary));
        assertThat(choice.missing()).isEmpty();
        assertThat(choice.all()).containsExactly(system.resolve("libnvrtc.so.12"), system.resolve("libcublas.so.12"));
    }

    @Test
    void withoutCudnnTheRestIsThere() throws IOException {
        files(system, "libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12", "libcudnn.so.8");
        LibraryChoice choice = choice("");
        assertThat(choice.missing()).isEmpty();
        assertThat(choice.cudnnMissing().orElseThrow())
                .isEqualTo("no cuDNN 9 (libcudnn.so.9 is not installed; there is another version, "
                        + system.resolve("libcudnn.so.8") + "): install cuDNN 9 for CUDA 12, or take it from Maven"
                        + " (build with -Pcuda-redist: GATEFOLD_MAVEN_OPTS=-Pcuda-redist ./gatefold)");
    }

    @Test
    void theJarServesCudnnWithItsPartsBesideIt() throws IOException {
        files(
                classPath.resolve("org/bytedeco/cuda/linux-x86_64"),
                "libcudnn.so.9",
                "libcudnn_graph.so.9",
                "libcudnn_ops.so.9",
                "libcudnn_adv.so.9");
        jar();
        LibraryChoice choice = choice("");
        assertThat(choice.cudnnMissing()).isEmpty();
        Path unpacked = temporary.resolve("unpacked/12.6-test");
        assertThat(choice.cudnn()).containsExactly(unpacked.resolve("libcudnn.so.9"));
        assertThat(unpacked.resolve("libcudnn_adv.so.9")).hasContent("content of libcudnn_adv.so.9");
    }

    @Test
    void cudnnComesFromTheUsersFolderOrNotAtAll() throws IOException {
        files(system, "libcudnn.so.9");
        assertThat(choice("").cudnn()).containsExactly(system.resolve("libcudnn.so.9"));
        assertThat(choice(own.toString()).cudnnMissing())
                .contains("-Dgatefold.cuda.libraries=" + own + " has no libcudnn.so.9");
        files(own, "libcudnn.so.9");
        assertThat(choice(own.toString()).cudnnMissing()).isEmpty();
        assertThat(choice(own.toString()).cudnn()).containsExactly(own.resolve("libcudnn.so.9"));
    }
}
