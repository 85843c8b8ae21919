package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program logs, and where, with the class path of users, which has no configuration of the tests'. */
class LogTest {
    private static final Path DATA = Path.of("src/main/resources/org/gatefold/data/airpassengers.csv");

    @TempDir
    private Path folder;

    private record Streams(String out, String err) {}

    private Streams run(String... arguments) throws IOException, InterruptedException {
        String classes = Arrays.stream(ProgramProcess.classes().split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> options = List.of("-Xmx512m", "-Djava.awt.headless=true");
        Process process = ProgramProcess.builder(options, classes, List.of(arguments))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        int code = process.waitFor();
        Streams streams = new Streams(Files.readString(out), Files.readString(err));
        assertThat(code).as(streams.err).isZero();
        return streams;
    }

    private Streams train(String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--data", DATA.toString()));
        arguments.addAll(List.of(
                "--epochs",
                "1",
                "--device",
                "cpu",
                "--out",
                folder.resolve("run").toString()));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void answersStandAloneOnStandardOutput() throws Exception {
        assertThat(train()).satisfies(streams -> assertThat(streams.out + streams.err)
                .contains("test part: ")
                .doesNotContain("INFO"));
        Streams answers = run("predict", folder.resolve("run").toString(), "--data", DATA.toString());
        assertThat(answers.out.lines()).first().asString().startsWith("row,");
        assertThat(answers.err).doesNotContain("INFO");
    }

    @Test
    void whatIsChosenAndWhyIsLoggedOnTheErrorStreamIfAskedFor() throws Exception {
        Streams streams = train("--verbose");
        assertThat(streams.err).contains("INFO").contains("recurrent on cpu");
        assertThat(streams.out).doesNotContain("INFO");
    }

    @Test
    void filesOfKerasAreWrittenAndReadWithoutAWord() throws Exception {
        train();
        String written = folder.resolve("written.keras").toString();
        Streams convert = run("convert", folder.resolve("run").toString(), written);
        assertThat(convert.err).isEmpty();
        assertThat(run("info", written).err).isEmpty();
    }
}
