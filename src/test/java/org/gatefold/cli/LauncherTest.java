package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code gatefold}, in a folder that is built already, with a {@code java} that says what it is told. */
class LauncherTest {
    @TempDir
    private Path home;

    private Path write(String file, String content) throws IOException {
        Path path = home.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    private List<String> run(String... arguments) throws IOException, InterruptedException {
        Path script = Files.copy(Path.of("gatefold"), home.resolve("gatefold"));
        Path java = write("jdk/bin/java", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        write("target/launcher.options", "\n");
        write("target/launcher.stamp", "");
        write("target/classpath.txt", "needed.jar");
        ProcessBuilder process = new ProcessBuilder("bash", script.toString());
        process.command().addAll(List.of(arguments));
        process.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        process.environment().keySet().removeIf(name -> name.startsWith("GATEFOLD_"));
        Process started = process.redirectErrorStream(true).start();
        List<String> lines = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(started.waitFor()).isZero();
        return lines;
    }

    /** As a whole build leaves them, in the order of their names. */
    @Test
    void theProgramsJarIsToldFromThoseBesideIt() throws Exception {
        for (String kind : List.of("", "-javadoc", "-simulator", "-sources", "-tests")) {
            write("target/gatefold-0.1.0-SNAPSHOT" + kind + ".jar", "");
        }
        Path jar = home.resolve("target/gatefold-0.1.0-SNAPSHOT.jar");
        assertThat(run("train", "--list"))
                .containsSubsequence("-cp", jar + ":needed.jar", "org.gatefold.cli.Main", "train", "--list");
    }
}
