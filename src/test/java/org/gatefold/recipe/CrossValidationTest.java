package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.data.table.CsvFormat;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds: which rows they test on, what their figures are, and that runs go on where they were stopped. */
class CrossValidationTest {
    private static final int ROWS = 50;
    private static final Recipe RECIPE = Samples.recipe("classify");
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    private static Options options(int folds) {
        return RECIPE.describe()
                .options()
                .given(Map.of("epochs", 2, "hidden", 3, "embedding", 4, "batch", 16, "validation", 0.2, "min-count", 1))
                .given(Map.of("folds", folds));
    }

    private Path data() throws IOException {
        List<String> lines = new ArrayList<>(List.of("text,label"));
        for (int row = 0; row < ROWS; row++) {
            lines.add((row % 2 == 0 ? "good " : "bad ") + row % 7 + (row % 2 == 0 ? ",pos" : ",neg"));
        }
        return Files.write(folder.resolve("data.csv"), lines);
    }

    @MustBeClosed
    private Experiment begin(int folds, Path test, String out) throws IOException {
        return Experiment.begin(RECIPE, options(folds), data(), test, folder.resolve(out));
    }

    private JsonObject metrics(int folds, String out) throws IOException {
        try (Experiment experiment = begin(folds, null, out);
                Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            assertThat(training.run(QUIET).isInterrupted()).isFalse();
        }
        return read(folder.resolve(out));
    }

    private static JsonObject read(Path run) throws IOException {
        return JsonParser.parseString(Files.readString(run.resolve("metrics.json")))
                .getAsJsonObject();
    }

    private static Split split(Options options, int rows, boolean tested) throws IOException {
        Table data = table(rows);
        return Split.of(data, null, tested ? table(5) : null, options, true, null);
    }

    private static Table table(int rows) throws IOException {
        String text = "text,label\n" + "a,b\n".repeat(rows);
        return CsvTable.read(
                "rows", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), CsvFormat.detect());
    }

    /** Each row is tested on once, and is in no other part of that split. */
    @Test
    void foldsPartTheRows() throws IOException {
        List<Split> folds = split(options(4), ROWS, false).folds(options(4), 4);
        assertThat(folds).hasSize(4);
        assertThat(folds.stream().flatMapToInt(fold -> IntStream.of(fold.test().indices())))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, ROWS).boxed().toList());
        for (Split fold : folds) {
            List<Integer> all = IntStream.of(fold.fitted().indices()).boxed().collect(Collectors.toList());
            IntStream.of(fold.heldBack().indices()).forEach(all::add);
            assertThat(fold.heldBack().size()).isPositive();
            assertThat(all)
                    .containsExactlyElementsOf(
                            IntStream.of(fold.training().indices()).boxed().toList());
            IntStream.of(fold.test().indices()).forEach(all::add);
            assertThat(all)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, ROWS).boxed().toList());
        }
    }

    @Test
    void aFileToTestOnIsNoPartOfThem() throws IOException {
        List<Split> folds = split(options(3), ROWS, true).folds(options(3), 3);
        assertThat(folds.stream().mapToInt(fold -> fold.test().size()).sum()).isEqualTo(ROWS);
    }

    @Test
    void theModelIsTheSameAndFiguresAreThoseOfTheFolds() throws IOException {
        JsonObject without = metrics(0, "without");
        JsonObject with = metrics(3, "with");
        assertThat(without.has("folds")).isFalse();
        assertThat(with.get("test")).isEqualTo(without.get("test"));
        JsonObject folds = with.getAsJsonObject("folds");
        assertThat(folds.get("count").getAsInt()).isEqualTo(3);
        JsonObject accuracy = folds.getAsJsonObject("model").getAsJsonObject("accuracy");
        double[] each = IntStream.range(0, 3)
                .mapToDouble(i -> accuracy.getAsJsonArray("each").get(i).getAsDouble())
                .toArray();
        double mean = (each[0] + each[1] + each[2]) / 3;
        double deviation = Math.sqrt(
                (Math.pow(each[0] - mean, 2) + Math.pow(each[1] - mean, 2) + Math.pow(each[2] - mean, 2)) / 2);
        assertThat(accuracy.get("mean").getAsDouble()).isCloseTo(mean, within(1e-12));
        assertThat(accuracy.get("deviation").getAsDouble()).isCloseTo(deviation, within(1e-12));
        // Naive Bayes tells good from bad wherever it has seen both.
        assertThat(folds.getAsJsonObject("baselines")
                        .getAsJsonObject("naive-bayes")
                        .getAsJsonObject("accuracy")
                        .get("mean")
                        .getAsDouble())
                .isEqualTo(1);
    }

    @Test
    void goesOnWhereItWasStopped() throws IOException {
        JsonObject whole = metrics(2, "whole");
        // In the first fold, trained anew on all rows but its own.
        StoppedRun.stopAndGoOn(RECIPE, () -> begin(2, null, "stopped"), 4);
        JsonObject folds = read(folder.resolve("stopped"));
        assertThat(folds.get("folds")).isEqualTo(whole.get("folds"));
        assertThat(folds.get("test")).isEqualTo(whole.get("test"));
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // there is nothing to close where it is refused
    void moreFoldsThanRowsAreRefused() {
        assertThatThrownBy(() -> begin(ROWS + 1, null, "many").close())
                .isInstanceOf(UsageException.class)
                .hasMessage("--folds: expected at most as many as rows, 50, got 51");
        assertThat(folder.resolve("many")).doesNotExist();
    }
}
