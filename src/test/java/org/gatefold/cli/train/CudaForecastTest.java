package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.contract.Subject;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.recurrent.RecurrentOp;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train forecast} on a CUDA device: the sunspots, 20 updates. */
class CudaForecastTest {
    private static final String DEVICE = "cuda:0";
    private static final int EPOCHS = 20;
    private static final int WINDOW = 12;
    private static final int WINDOWS = 48;
    private static final int HIDDEN = 8;

    @TempDir
    Path folder;

    @BeforeAll
    static void requireDevice() {
        try (Subject subject = Subject.open(DEVICE, "cuda.steps", RecurrentOp.class)) {
            assertThat(subject.device().name()).isEqualTo(DEVICE);
        }
    }

    /** One batch holds all windows, so that an epoch is an update. */
    private CommandLineRun train(String device, Path run) {
        return CommandLineRun.of(
                "train",
                "forecast",
                "--window",
                Integer.toString(WINDOW),
                "--train-rows",
                Integer.toString(WINDOWS + WINDOW),
                "--batch",
                Integer.toString(WINDOWS),
                "--epochs",
                Integer.toString(EPOCHS),
                "--validation",
                "0",
                "--alone",
                "--hidden",
                Integer.toString(HIDDEN),
                "--device",
                device,
                "--out",
                run.toString());
    }

    @Test
    void theLossCurveIsThatOfTheCpuAndCopiesAreCounted() throws IOException {
        Path onCpu = folder.resolve("cpu");
        Path onGpu = folder.resolve("gpu");
        assertThat(train("cpu", onCpu).exitCode()).isZero();
        CommandLineRun result = train(DEVICE, onGpu);
        assertThat(result.exitCode()).as(result.err()).isZero();

        List<Double> expected = CommandLineRun.losses(onCpu);
        List<Double> actual = CommandLineRun.losses(onGpu);
        assertThat(actual).hasSize(EPOCHS);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            assertThat(actual.get(epoch)).isCloseTo(expected.get(epoch), within(1e-4 * expected.get(epoch)));
        }
        assertThat(actual.get(EPOCHS - 1)).isLessThan(actual.get(0));

        JsonObject copies = CommandLineRun.json(onGpu.resolve("metrics.json")).getAsJsonObject("copies");
        JsonObject in = copies.getAsJsonObject("toDevice");
        long batches = EPOCHS * (WINDOWS * WINDOW + WINDOWS) * 4L;
        long numbers = EPOCHS * 4 * 4L;
        assertThat(in.get("bytes").getAsLong() - batches - numbers)
                .as("inputs and targets, four numbers of the optimiser an update, and its table once")
                .isBetween(0L, 256L);
        JsonObject back = copies.getAsJsonObject("fromDevice");
        long parameters = LongStream.of(4 * HIDDEN, 4 * HIDDEN * HIDDEN, 4 * HIDDEN, HIDDEN, 1)
                .map(elements ->
                        (elements + ParameterStore.ALIGNMENT - 1) / ParameterStore.ALIGNMENT * ParameterStore.ALIGNMENT)
                .sum();
        assertThat(back.get("bytes").getAsLong())
                .as(
                        "six scalars an update, and the checkpoint of each epoch: the flat parameters and Adam's two states")
                .isEqualTo(EPOCHS * (6 + 3 * parameters) * 4L);
        assertThat(result.out())
                .contains(String.format(
                        Locale.ROOT,
                        "copies while training: %,d to cuda:0 (%,d bytes), %,d back (%,d bytes)",
                        in.get("count").getAsLong(),
                        in.get("bytes").getAsLong(),
                        back.get("count").getAsLong(),
                        back.get("bytes").getAsLong()));
    }
}
