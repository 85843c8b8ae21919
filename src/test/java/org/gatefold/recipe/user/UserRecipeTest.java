package org.gatefold.recipe.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.Recipes;
import org.gatefold.recipe.Report;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program runs a recipe of its own without the command line. */
class UserRecipeTest {
    @TempDir
    private Path folder;

    private Path sums(int rows) throws IOException {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder("days;total\n");
        for (int row = 0; row < rows; row++) {
            double total = 0;
            StringBuilder days = new StringBuilder();
            for (int day = 0; day < 2 + row % 4; day++) {
                double rain = 10 * random.nextDouble();
                days.append(String.format(Locale.ROOT, "%s%.2f", day == 0 ? "" : " ", rain));
                total += rain;
            }
            text.append(days).append(String.format(Locale.ROOT, ";%.2f%n", total));
        }
        return Files.writeString(folder.resolve("rain.csv"), text);
    }

    @Test
    void learnsANumberPerSequence() throws IOException {
        Rainfall recipe = new Rainfall();
        Options options = recipe.describe().options().given(Map.of("deep", true));
        try (Experiment experiment = Experiment.begin(recipe, options, sums(80), null, folder.resolve("run"));
                Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            Report report = training.run(new TrainingListener() {}).report();
            assertThat(report.test().size()).isEqualTo(20);
            assertThat(report.baselines()).hasSize(1);
            double mean = report.baselines().get(0).score().first();
            assertThat(report.model().first()).isLessThan(mean / 2);
            assertThat(report.isBest()).isTrue();
            Path model = experiment.folder().model();
            requireUnknown(device, model);
            assertThat(experiment.folder().isFinished()).isTrue();
        }
    }

    /** The recipe is not among the services. */
    @SuppressWarnings("MustBeClosedChecker") // there is no model to close
    private static void requireUnknown(Device device, Path model) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainedModel.load(device, model))
                .withMessage(model
                        + ": expected a model trained by one of the recipes "
                        + Recipes.all().stream()
                                .map(recipe -> recipe.describe().name())
                                .toList()
                        + ", got one of rainfall");
    }
}
