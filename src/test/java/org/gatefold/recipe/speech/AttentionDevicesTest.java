package org.gatefold.recipe.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Speech that is written with attention is learnt on a card as on the CPU. */
class AttentionDevicesTest {
    @TempDir
    private Path folder;

    private Path data() throws IOException {
        Stream<String> rows = Stream.of("80ff8000,up", "8080ffff,so low", "80c08040,up low")
                .flatMap(row -> Stream.generate(() -> row).limit(5))
                .map(row -> row.split(",")[1] + ",1000," + row.split(",")[0].repeat(50));
        return Files.write(
                folder.resolve("said.csv"),
                Stream.concat(Stream.of("text,rate,samples"), rows).toList());
    }

    private List<Double> losses(Device device, String out) throws IOException {
        Options options = new Speech()
                .describe()
                .options()
                .parsed(Map.of(
                        "decoder",
                        "attention",
                        "hidden",
                        "6",
                        "epochs",
                        "3",
                        "batch",
                        "4",
                        "validation",
                        "0.2",
                        "freq-mask",
                        "4"));
        try (Experiment experiment = Experiment.begin(new Speech(), options, data(), null, folder.resolve(out));
                Experiment.Training training = experiment.on(device)) {
            List<EpochReport> epochs =
                    training.run(new TrainingListener() {}).history().epochs();
            assertThat(epochs).hasSize(3);
            return epochs.stream()
                    .flatMap(epoch -> Stream.of(epoch.trainingLoss(), epoch.validationLoss()))
                    .toList();
        }
    }

    @Test
    void lossesAreThoseOfTheProcessor() throws IOException {
        List<Double> expected;
        try (Device device = Devices.cpu()) {
            expected = losses(device, "cpu");
        }
        try (Device device = Subject.openDevice("cuda:0")) {
            List<Double> actual = losses(device, "cuda");
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-4));
            }
        }
    }
}
