package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                .isEqualTo("gatefold: " + data + ", line 6, column 'value': expected a number, got 'NA';"
                        + " --missing says what to do about rows without one");
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

    /** Across the end of the training part, behind which everything is another: a line to there would be known. */
    private Path gapAcross(boolean other) throws IOException {
        List<String> changed = new ArrayList<>(lines);
        for (int line = 1; line < lines.size(); line++) {
            String[] fields = lines.get(line).split(",");
            boolean gap = line == 5 || (line >= 29 && line <= 32) || line == 36;
            String value = gap ? "" : other && line > 30 ? "900" : fields[1];
            changed.set(line, fields[0] + "," + value + "," + fields[2]);
        }
        return Files.write(folder.resolve(other + ".csv"), changed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpolate", "mask"})
    void nothingIsFilledFromTheTestPart(String kind) throws IOException {
        CommandLineRun run = train(gapAcross(false), kind, "run");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(train(gapAcross(true), kind, "other").exitCode()).isZero();
        assertThat(folder.resolve("run/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("other/model.safetensors"));
    }

    /** Of the ten rows of the test part three have no value, and by a line two more are known before they come. */
    @ParameterizedTest
    @CsvSource({"interpolate,5", "mask,7"})
    void whatWasFilledIsNeitherLearntNorTested(String kind, int tested) throws IOException {
        CommandLineRun run = train(gapAcross(false), kind, "run");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err() + run.out())
                .contains(
                        "6 of 40 rows have no value in 'value'; what they were filled with is neither learnt nor tested");
        List<String> answered = Files.readAllLines(folder.resolve("run/forecast.csv"));
        assertThat(answered).hasSize(1 + tested).noneMatch(line -> line.startsWith("36,") || line.startsWith("32,"));
        CommandLineRun walk = CommandLineRun.of(
                "predict",
                folder.resolve("run").toString(),
                "--data",
                gapAcross(false).toString(),
                "--walk-forward");
        assertThat(walk.out()).contains("\n36,1,,").contains("\n+1,1,,");
        Files.delete(folder.resolve("run/metrics.json"));
        assertThat(CommandLineRun.resumed(folder.resolve("run")).exitCode()).isZero();
        assertThat(Files.readAllLines(folder.resolve("run/forecast.csv"))).isEqualTo(answered);
    }

    @Test
    void theMaskIsRead() throws IOException {
        assertThat(train(gapAcross(false), "mask", "run", "--features", "other").exitCode())
                .isZero();
        JsonObject fields =
                CommandLineRun.json(folder.resolve("run/settings.json")).getAsJsonObject("fields");
        assertThat(fields.getAsJsonObject("input").getAsJsonArray("columns")).hasSize(4);
    }

    @Test
    void whatIsNoKindIsRefused() throws IOException {
        assertThat(train(data(Gap.EMPTY), "odd", "run").complaint())
                .isEqualTo("gatefold: --missing: expected one of fail, drop, interpolate, forward-fill, mask, got 'odd'"
                        + " (see: gatefold train forecast --help)");
    }

    @Test
    void aTrainingPartWithoutAValueIsRefused() throws IOException {
        List<String> changed = new ArrayList<>(lines);
        changed.replaceAll(line ->
                lines.indexOf(line) >= 1 && lines.indexOf(line) <= 30 ? line.replaceAll(",[0-9.]+,", ",NA,") : line);
        Path data = Files.write(folder.resolve("none.csv"), changed);
        assertThat(train(data, "mask", "run").complaint())
                .isEqualTo("gatefold: " + data + ", line 2, column 'value': the value is missing, and there is none in"
                        + " rows 1 to 30 to fill it from");
    }
}
