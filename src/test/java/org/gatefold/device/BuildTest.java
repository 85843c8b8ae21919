package org.gatefold.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildTest {
    private static final String ID = "0123456789abcdef0123456789abcdef01234567";
    private static final String VERSION = "classes, on commit 0123456789ab";

    @TempDir
    Path folder;

    @BeforeEach
    void makeTree() throws IOException {
        Files.createDirectories(classes());
        write(git("HEAD"), "ref: refs/heads/some/branch\n");
    }

    private Path git(String file) {
        return folder.resolve("tree/.git").resolve(file);
    }

    private Path classes() {
        return folder.resolve("tree/target/classes");
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @ParameterizedTest(name = "that {0} holds")
    @ValueSource(strings = {"refs/heads/some/branch", "HEAD"})
    void namesTheCommitOfABranchOrADetachedOne(String file) throws IOException {
        write(git(file), ID + "\n");
        assertThat(Build.version(classes())).isEqualTo(VERSION);
    }

    @Test
    void namesTheCommitOfAPackedBranch() throws IOException {
        String other = "f".repeat(40);
        write(
                git("packed-refs"),
                "# pack-refs with: peeled\n" + other + " refs/heads/branch\n" + ID + " refs/heads/some/branch\n");
        assertThat(Build.version(classes())).isEqualTo(VERSION);
    }

    @Test
    void namesTheCommitOfALinkedWorkTree() throws IOException {
        write(git("refs/heads/side"), ID + "\n");
        write(git("worktrees/side/HEAD"), "ref: refs/heads/side\n");
        write(git("worktrees/side/commondir"), "../..\n");
        write(folder.resolve("side/.git"), "gitdir: " + git("worktrees/side") + "\n");
        assertThat(Build.version(folder.resolve("side/target/classes"))).isEqualTo(VERSION);
    }

    @Test
    void namesNoCommitWhereThereIsNone() throws IOException {
        assertThat(Build.version(classes())).as("a branch without commits").isEqualTo("classes");
        write(git("HEAD"), "nonsense\n");
        assertThat(Build.version(classes())).as("damaged").isEqualTo("classes");
        assertThat(Build.version(null)).as("no folder").isEqualTo("classes");
    }

    @Test
    void knowsThisBuild() {
        assertThat(Build.version()).isNotBlank();
    }
}
