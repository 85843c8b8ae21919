package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --device} with several cards. */
class CudaDevicesCommandTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "several cards are those of the simulated device");
        SimulatedDevice.load();
        SimulatedDevice.setOption("devices", "2");
    }

    @AfterAll
    static void restore() {
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("devices", "1");
        }
    }

    private CommandLineRun train(String device, String batch) {
        return CommandLineRun.of(
                "train",
                "forecast",
                "--window",
                "12",
                "--train-rows",
                "60",
                "--batch",
                batch,
                "--epochs",
                "3",
                "--validation",
                "0",
                "--alone",
                "--hidden",
                "4",
                "--device",
                device,
                "--out",
                folder.resolve(device.replace(':', '-') + batch).toString());
    }

    @Test
    void severalCardsTrainAsOneDoes() throws IOException {
        CommandLineRun one = train("cuda:0", "16");
        assertThat(one.exitCode()).as(one.err()).isZero();
        List<Double> expected = CommandLineRun.losses(folder.resolve("cuda-016"));
        for (String device : List.of("cuda:0,cuda:1", "cuda:all")) {
            CommandLineRun several = train(device, "16");
            assertThat(several.exitCode()).as(several.err()).isZero();
            Path run = folder.resolve(device.replace(':', '-') + "16");
            List<Double> actual = CommandLineRun.losses(run);
            for (int epoch = 0; epoch < 3; epoch++) {
                assertThat(actual.get(epoch)).isCloseTo(expected.get(epoch), within(1e-5 * expected.get(epoch)));
            }
            assertThat(CommandLineRun.json(run.resolve("metrics.json"))
                            .get("device")
                            .getAsString())
                    .isEqualTo("cuda:0,cuda:1");
        }
    }

    @Test
    void whatCannotBeSharedIsSaidInALine() {
        requireComplaint("cuda:0,cuda:0", "16", "devices: expected each once, got cuda:0 twice");
        requireComplaint("cuda:0,cpu", "16", "devices: expected all of one kind, got cuda:0 and cpu");
        requireComplaint("cuda:all", "1", "batches: expected at least 2 rows, one for each part, got 1");
    }

    private void requireComplaint(String device, String batch, String message) {
        CommandLineRun run = train(device, batch);
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.complaint()).contains(message);
    }
}
