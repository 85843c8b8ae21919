package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code examples/spark-*} run as their README says and reach what they are meant to show. */
class SparkExamplesTest {
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?(e[-+]?\\d+)?");

    @TempDir
    Path directory;

    /** The numbers that a program prints. */
    private List<Double> run(String program) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-cp", System.getProperty("java.class.path")));
        arguments.add("examples/" + program + ".java");
        // The log goes to standard error.
        Process process = Programs.java(arguments)
                .directory(Path.of("..").toFile())
                .redirectError(directory.resolve("log").toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(() -> Programs.log(directory)).isZero();
        return NUMBER.matcher(out)
                .results()
                .map(MatchResult::group)
                .map(Double::valueOf)
                .toList();
    }

    @Test
    void training() throws Exception {
        List<Double> errors = run("spark-train/TrainOnSpark");
        assertThat(errors.get(0)).isLessThan(0.95 * errors.get(1));
    }

    @Test
    void streaming() throws Exception {
        List<Double> numbers = run("spark-stream/ScoreOnSpark");
        assertThat(numbers.get(0)).isEqualTo(numbers.get(1));
        assertThat(numbers.get(2)).isLessThan(1e-5);
    }
}
