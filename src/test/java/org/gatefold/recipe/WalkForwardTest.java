package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that are trained anew in the course of the test part: what each may know, and that runs go on where they were stopped. */
class WalkForwardTest {
    private static final int ROWS = 150;

    private static final Recipe RECIPE = Samples.recipe("market-signal");
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    /** Prices whose rows from one on are others. */
    private Path data(int changed) throws IOException {
        Random same = new Random(7);
        Random other = new Random(8);
        List<String> lines = new ArrayList<>(List.of("price"));
        double price = 100;
        for (int row = 0; row < ROWS; row++) {
            price *= Math.exp(0.02 * (row < changed ? same : other).nextGaussian());
            lines.add(Double.toString(price));
        }
        return Files.write(folder.resolve("data-" + changed), lines);
    }

    @MustBeClosed
    private Experiment begin(Path data, int walk, String out) throws IOException {
        Options options = Samples.small(RECIPE, Map.of("validation", 0.2, "seed", 3L, "retrain", walk));
        return Experiment.begin(RECIPE, options, data, null, folder.resolve(out));
    }

    private List<String> answers(Path data, int walk, String out) throws IOException {
        try (Experiment experiment = begin(data, walk, out);
                Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            assertThat(training.run(QUIET).isInterrupted()).isFalse();
        }
        return Files.readAllLines(folder.resolve(out + "/signal.csv"));
    }

    /** 30 rows are tested on: from the 11th on others answer than without, and the model is the same. */
    @Test
    void laterRowsAreAnsweredByOthers() throws IOException {
        List<String> once = answers(data(ROWS), 0, "once");
        List<String> anew = answers(data(ROWS), 10, "anew");
        assertThat(anew).hasSize(31);
        assertThat(anew.subList(0, 11)).isEqualTo(once.subList(0, 11));
        assertThat(anew.subList(11, 21)).isNotEqualTo(once.subList(11, 21));
        assertThat(anew.subList(21, 31)).isNotEqualTo(once.subList(21, 31));
        Path model = folder.resolve("once/model.safetensors");
        assertThat(weights(folder.resolve("anew/model.safetensors"))).isEqualTo(weights(model));
    }

    private String weights(Path model) throws IOException {
        try (Device device = Devices.named("reference");
                TrainedModel trained = TrainedModel.load(device, model)) {
            return trained.predict(data(ROWS), true);
        }
    }

    /** Row 140 and those behind are others: the answers for rows up to it stay, of those behind they change. */
    @Test
    void noneKnowsWhatIsBehind() throws IOException {
        List<String> one = answers(data(ROWS), 10, "one");
        List<String> other = answers(data(140), 10, "other");
        assertThat(withoutActual(other, 21)).isEqualTo(withoutActual(one, 21));
        assertThat(withoutActual(other, 31)).isNotEqualTo(withoutActual(one, 31));
    }

    private static List<String> withoutActual(List<String> lines, int to) {
        return lines.subList(1, to).stream()
                .map(line -> line.replaceFirst(",[a-z]*,[a-z]*,", ","))
                .toList();
    }

    @Test
    void goesOnWhereItWasStopped() throws IOException {
        Path data = data(ROWS);
        List<String> whole = answers(data, 10, "whole");
        StoppedRun.stopAndGoOn(RECIPE, () -> begin(data, 10, "stopped"), 4);
        assertThat(Files.readAllLines(folder.resolve("stopped/signal.csv"))).isEqualTo(whole);
    }
}
