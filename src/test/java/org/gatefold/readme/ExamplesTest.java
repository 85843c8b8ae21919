package org.gatefold.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every program of {@code examples} runs as its README says and reaches what it is meant to show. */
class ExamplesTest {
    private static final Path FOLDER = Path.of("examples");

    /** What the numbers that a program prints, in their order, must be. */
    private static final Map<String, Predicate<List<Double>>> REACHED = Map.of(
            "ForecastAirline", n -> n.get(0) < 0.5 * n.get(1),
            "ClassifyStrokes", n -> n.get(0) > 0.9,
            "SeveralInputs", n -> n.get(1) < 0.3 * n.get(0) && n.get(2) > 0.9 * n.get(3),
            "StreamOnnx", n -> n.get(0) < 1e-5 && n.get(1) > 32,
            "StepByStep", n -> n.get(0) < 1e-5,
            "WriteBackwards", n -> n.get(0) > 0.9 * n.get(1),
            "SaveAndResume", n -> n.isEmpty());

    private static Stream<String> programs() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyProgramShowsWhatItSays() throws IOException {
        return programs()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    String printed = run(name);
                    List<Double> numbers = Pattern.compile("\\d+(\\.\\d+)?(e[-+]\\d+)?")
                            .matcher(printed)
                            .results()
                            .map(MatchResult::group)
                            .map(Double::valueOf)
                            .toList();
                    assertThat(printed).doesNotContain("false").matches(text -> REACHED.get(name)
                            .test(numbers));
                }));
    }

    @Test
    void theReadmeNamesThemAll() throws IOException {
        assertThat(programs()).containsExactlyInAnyOrderElementsOf(REACHED.keySet());
        String readme = Files.readString(FOLDER.resolve("README.md"));
        assertThat(programs()).allSatisfy(name -> assertThat(readme).contains("](" + name + ".java)"));
    }

    /** The line that a program prints, run in a process of its own as a user would. */
    private static String run(String name) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(FOLDER.resolve(name + ".java").toString());
        Path log = Files.createTempFile("example", ".log");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(log.toFile()).start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("%s: %s", name, Files.readString(log))
                    .isZero();
            return printed.strip();
        } finally {
            Files.delete(log);
        }
    }
}
