package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every recipe does with its sample on every device, without a line about it in any test unless an option makes another network: it trains two epochs, saves,
 * loads, answers, and goes on where it was stopped, bit for bit. One subclass per device.
 */
abstract class EveryRecipeContract {
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    abstract String device();

    abstract String implementation();

    /**
     * A recipe, and where its network is another by an option, that.
     *
     * @param more further options, as texts
     */
    private record Variant(Recipe recipe, Map<String, String> more) {
        RecipeDescription description() {
            return recipe.describe();
        }

        @MustBeClosed
        Experiment begin(Path data, Path out) throws IOException {
            Options options =
                    Samples.small(recipe, Map.of("validation", 0.1, "seed", 3L)).parsed(more);
            return Experiment.begin(recipe, options, data, null, out);
        }

        @Override
        public String toString() {
            return description().name() + more;
        }
    }

    static Stream<Variant> recipes() {
        return Stream.concat(
                Recipes.all().stream().map(recipe -> new Variant(recipe, Map.of())),
                Stream.of(new Variant(Samples.recipe("speech"), Map.of("decoder", "attention"))));
    }

    private static Experiment.Outcome run(Experiment experiment, Device device, TrainingListener listener)
            throws IOException {
        try (Experiment.Training training = experiment.on(device)) {
            return training.run(listener);
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void trainsSavesAnswersAndResumes(Variant variant) throws IOException {
        try (Subject subject = Subject.open(device(), implementation(), RecurrentOp.class)) {
            Device device = subject.device();
            Path data = Files.write(folder.resolve("sample"), Samples.lines(variant.recipe()));

            Experiment.Outcome whole;
            try (Experiment experiment = variant.begin(data, folder.resolve("whole"))) {
                whole = run(experiment, device, QUIET);
            }
            assertThat(whole.isInterrupted()).isFalse();
            assertThat(whole.history().epochs()).hasSize(2);
            assertThat(whole.report().model().first()).isFinite();
            assertThat(whole.report().baselines()).isNotEmpty();
            JsonObject metrics = JsonParser.parseString(Files.readString(folder.resolve("whole/metrics.json")))
                    .getAsJsonObject();
            assertThat(metrics.getAsJsonObject("test").get("rows").getAsInt()).isPositive();
            assertThat(metrics.getAsJsonObject("baselines").size())
                    .isEqualTo(whole.report().baselines().size());
            assertThat(metrics.get("device").getAsString()).isEqualTo(device.name());

            for (int pass = 1; pass <= (variant.description().isTrainedAgain() ? 2 : 1); pass++) {
                Path out = folder.resolve("stopped" + pass);
                stop(variant, device, data, out, pass);
                RunFolder stopped = RunFolder.open(out, variant.description().name());
                assertThat(stopped.isFinished()).isFalse();
                try (Experiment resumed = Experiment.resume(variant.recipe(), stopped)) {
                    run(resumed, device, QUIET);
                }
                assertThat(stopped.isFinished()).isTrue();
                assertThat(stopped.model()).hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
            }

            String answers = answers(device, folder.resolve("whole/model.safetensors"), data);
            assertThat(answers.lines().count()).isGreaterThan(1);
            assertThat(answers(device, folder.resolve("stopped1/model.safetensors"), data))
                    .isEqualTo(answers);
            assertThat(answers.lines().skip(1).collect(Collectors.toSet()))
                    .as("no answer is NaN")
                    .noneMatch(line -> line.contains("NaN"));
        }
    }

    /** Stops a run after its first epoch, or, of recipes that train again on all rows, after the first update of that. */
    private static void stop(Variant variant, Device device, Path data, Path out, int pass) throws IOException {
        try (Experiment stopping = variant.begin(data, out)) {
            Experiment.Outcome part = run(stopping, device, new TrainingListener() {
                private int passes;

                @Override
                public void started(int epoch, int epochs, int batches) {
                    passes++;
                }

                @Override
                public void epochEnded(EpochReport report) {
                    if (pass == 1) {
                        stopping.stop();
                    }
                }

                @Override
                public void stepped(StepReport report) {
                    if (passes == 2) {
                        stopping.stop();
                    }
                }
            });
            assertThat(part.isInterrupted()).isTrue();
            assertThat(part.history().epochs()).hasSize(pass);
        }
    }

    private static String answers(Device device, Path model, Path data) throws IOException {
        try (TrainedModel trained = TrainedModel.load(device, model)) {
            return trained.predict(data, false);
        }
    }
}
