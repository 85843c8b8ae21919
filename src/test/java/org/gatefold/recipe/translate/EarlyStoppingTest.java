package org.gatefold.recipe.translate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.Recipe;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyStoppingTest {
    private static final Map<String, Object> SMALL =
            Map.of("epochs", 16, "hidden", 24, "embedding", 16, "batch", 8, "lr", 0.03, "dropout", 0.0, "min-count", 1);

    @TempDir
    private Path folder;

    private static int lowest(List<EpochReport> epochs, ToDoubleFunction<EpochReport> figure) {
        return epochs.stream()
                .min(Comparator.comparingDouble(figure))
                .orElseThrow()
                .epoch();
    }

    /** Smoothed labels begin to cost more while those that are right still become likelier. */
    @Test
    void theBestEpochIsThatOfTheLowestPerplexityWhateverSmoothedLabelsCost() throws IOException {
        Path data = Files.writeString(
                folder.resolve("pairs"),
                new SampleTest().pairs().lines().limit(60).reduce("", (all, line) -> all + line + "\n"));
        Recipe recipe = new Translate();
        Map<String, Object> more = Map.of("smoothing", 0.6, "validation", 0.3, "patience", 16);
        try (Experiment experiment = Experiment.begin(
                        recipe,
                        recipe.describe().options().given(SMALL).given(more),
                        data,
                        null,
                        folder.resolve("run"));
                Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            History history = training.run(new TrainingListener() {}).history();
            int perplexity = lowest(history.epochs(), report -> report.metrics().get("perplexity"));
            int loss = lowest(history.epochs(), EpochReport::validationLoss);
            assertThat(loss).isLessThan(perplexity);
            assertThat(history.bestEpoch()).isEqualTo(perplexity);
        }
    }
}
