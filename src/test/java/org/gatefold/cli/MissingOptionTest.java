package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --missing} of a recipe whose rows follow each other. */
class MissingOptionTest {
    /** Lines of the file, counted from 0 with the header; the last of them is the first of the test part. */
    private static final List<Integer> GAPS = List.of(5, 20, 21, 33);

    @TempDir
    private Path folder;

    private List<String> lines;

    @BeforeEach
    void whole() throws IOException {
        lines = Files.readAllLines(CommandLineRun.seasons(folder, 40));
    }

    private enum Gap {
        EMPTY,
        HELD,
        GONE
    }

    private Path data(Gap gap) throws IOException {
        List<String> changed = new ArrayList<>();
        String held = "";
        for (int line = 0; line < lines.size(); line++) {
            String[] fields = lines.get(line).split(",");
            if (GAPS.contains(line)) {
                if (gap != Gap.GONE) {
                    changed.add(fields[0] + "," + (gap == Gap.EMPTY ? "NA" : held) + "," + fields[2]);
                }
                continue;
            }
            held = fields[1];
            changed.add(lines.get(line));
        }
        return Files.write(folder.resolve(gap + ".csv"), changed);
    }

    private CommandLineRun train(Path data, String missing, String out, String... more) {
        List<String> arguments = CommandLineRun.forecast(data, folder.resolve(out), 4, 2, "--epochs", "1");
        arguments.addAll(List.of("--train-rows", "30", "--device", "reference", "--missing", missing));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private void requireSame(Gap filled, String missing) throws IOException {
        CommandLineRun run = train(data(Gap.EMPTY), missing, "run");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(train(data(filled), "fail", "other").exitCode()).isZero();
        assertThat(folder.resolve("run/forecast.csv")).hasSameTextualContentAs(folder.resolve("other/forecast.csv"));

        Path asked = data(Gap.EMPTY);
        CommandLineRun answered = predict("run", asked);
        assertThat(answered.exitCode()).as(answered.err()).isZero();
        assertThat(answered.out()).isEqualTo(predict("other", data(filled)).out());

        Files.delete(folder.resolve("run/metrics.json"));
        CommandLineRun resumed = CommandLineRun.resumed(folder.resolve("run"));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(folder.resolve("run/forecast.csv")).hasSameTextualContentAs(folder.resolve("other/forecast.csv"));
    }

    private CommandLineRun predict(String run, Path data) {
        return CommandLineRun.of(
                "predict", folder.resolve(run).toString(), "--data", data.toString(), "--device", "reference");
    }

    @Test
    void forwardFillTakesTheValueBefore() throws IOException {
        requireSame(Gap.HELD, "forward-fill");
    }

    @Test
    void dropLeavesRowsOut() throws IOException {
        requireSame(Gap.GONE, "drop");
    }

    @Test
    void failNamesTheLine() throws IOException {
        Path data = data(Gap.EMPTY);
        assertThat(train(data, "fail", "run").complaint())
                .isEqualTo("gatefold: " + data + ", line 6, column 'value': expected a number, got 'NA'");
    }

    @Test
    void otherColumnsThatAreReadMayHaveGapsToo() throws IOException {
        Path data = Files.writeString(
                folder.resolve("other.csv"), String.join("\n", lines).replaceAll(",3(\\n|$)", ",?$1"));
        assertThat(train(data, "drop", "run").exitCode()).isZero();
        assertThat(train(data, "fail", "fail", "--features", "other").complaint())
                .contains("column 'other': expected a number, got '?'");
        assertThat(train(data, "forward-fill", "filled", "--features", "other").exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpolate", "odd"})
    void whatLooksAheadIsRefused(String kind) throws IOException {
        assertThat(train(data(Gap.EMPTY), kind, "run").complaint())
                .startsWith("gatefold: --missing: expected ")
                .contains("forward-fill");
    }
}
