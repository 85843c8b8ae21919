package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.parallel.Compression;
import org.gatefold.train.parallel.Workers;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two workers that make the gradients smaller which they tell each other, on the sunspots of 1749 to 1983. */
class CompressedTrainingTest {
    private static final int WINDOW = 24;
    private static final int EPOCHS = 8;
    private static final Dataset SUNSPOTS = sunspots();

    @TempDir
    Path directory;

    /** The mean of each quarter in hundreds; the one behind 24 of them is to be told. */
    private static Dataset sunspots() {
        List<Float> quarters = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Dataset.class.getResourceAsStream("sunspots-monthly.csv"), StandardCharsets.UTF_8))) {
            in.readLine();
            float[] months = new float[3];
            int month = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                months[month++ % 3] = Float.parseFloat(line.substring(line.indexOf(',') + 1));
                if (month % 3 == 0) {
                    quarters.add((months[0] + months[1] + months[2]) / 300);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        float[][][] windows = new float[quarters.size() - WINDOW][WINDOW][1];
        float[][] next = new float[windows.length][1];
        for (int row = 0; row < windows.length; row++) {
            for (int step = 0; step < WINDOW; step++) {
                windows[row][step][0] = quarters.get(row + step);
            }
            next[row][0] = quarters.get(row + WINDOW);
        }
        return Dataset.of(windows).withTargets(next);
    }

    /** In a ring over sockets, as on two machines. */
    private static List<Trained> together(UnaryOperator<Trainer> more) throws Exception {
        Batches batches = Batches.of(SUNSPOTS, 32).shuffled(5);
        return Workers.run(2, with -> {
            try (Device device = Devices.cpu(1);
                    Sequential model = Sequential.on(device)
                            .seed(3)
                            .add(Lstm.of(12))
                            .add(Linear.of(1))
                            .build(1)) {
                Trainer trainer = Trainer.of(model)
                        .loss(Loss.mse())
                        .optimizer(Adam.of(0.01f))
                        .clipNorm(1f)
                        .workers(with);
                History history = more.apply(trainer).fit(batches.share(with.rank(), 2), EPOCHS);
                return Trained.of(model, history);
            }
        });
    }

    /** Losses of the last epoch; that of the first is eight times as large. */
    @ParameterizedTest
    @CsvSource({"bf16, 0.01", "top:0.1, 0.05"})
    void theLossStaysAndWorkersAreEqualToTheBit(String name, double tolerance) throws Exception {
        List<Trained> plain = together(trainer -> trainer);
        List<Trained> made = together(trainer -> trainer.compression(Compression.of(name)));
        double expected = plain.get(0).loss(EPOCHS - 1);
        assertThat(expected).isLessThan(plain.get(0).loss(0) / 4);
        assertThat(made.get(0).loss(EPOCHS - 1)).isCloseTo(expected, within(tolerance * expected));
        assertThat(made.get(0).weights()).isNotEqualTo(plain.get(0).weights());
        assertThat(made.get(1).weights()).isEqualTo(made.get(0).weights());
        List<Trained> again = together(trainer -> trainer.compression(Compression.of(name)));
        assertThat(again.get(0).weights()).isEqualTo(made.get(0).weights());
    }

    /** What each worker had left out is in the checkpoint. */
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "top:0.02"})
    void aRunThatWasStoppedGoesOnBitForBit(String name) throws Exception {
        UnaryOperator<Trainer> compressed = trainer -> trainer.compression(Compression.of(name));
        List<Trained> whole = together(compressed);
        List<Trained> part = together(
                trainer -> compressed.apply(trainer).checkpoints(directory).listener(new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        if (report.epoch() == 1 && report.batch() == 11) {
                            trainer.stop();
                        }
                    }
                }));
        assertThat(part.get(1).history().end()).isEqualTo(History.End.INTERRUPTED);
        List<Trained> rest = together(
                trainer -> compressed.apply(trainer).checkpoints(directory).resume(true));
        assertThat(rest.get(0).weights()).isEqualTo(whole.get(0).weights());
        assertThat(rest.get(1).weights()).isEqualTo(whole.get(0).weights());
    }

    /** A scaled loss scales what is told, not what is remembered. */
    @Test
    void whatIsLeftOutFollowsTheLossScale() throws Exception {
        UnaryOperator<Trainer> compressed = trainer -> trainer.compression(Compression.top(0.05));
        List<Trained> plain = together(compressed);
        // Powers of two that grow every ten updates change nothing but the range.
        List<Trained> scaled =
                together(trainer -> compressed.apply(trainer).lossScaling(new LossScaling(8f, 2f, 0.5f, 10)));
        assertThat(scaled.get(0).loss(EPOCHS - 1))
                .isCloseTo(
                        plain.get(0).loss(EPOCHS - 1),
                        within(1e-3 * plain.get(0).loss(EPOCHS - 1)));
    }

    @Test
    void devicesOfOneProcessTellWithinTheirHost() {
        List<float[]> weights = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            try (Device first = Devices.cpu(1);
                    Device second = Devices.cpu(1);
                    Sequential model = Sequential.on(first)
                            .add(Lstm.of(4))
                            .add(Linear.of(1))
                            .build(1)) {
                Trainer.of(model)
                        .loss(Loss.mse())
                        .optimizer(Adam.of(0.01f))
                        .devices(List.of(first, second))
                        .compression(Compression.BF16)
                        .fit(Batches.of(SUNSPOTS, 64), 1);
                weights.add(model.parameters().values().toFloats());
            }
        }
        assertThat(weights.get(1)).isEqualTo(weights.get(0));
    }

    @Test
    void whoTellsNoGradientsMakesNoneSmaller() {
        assertThatThrownBy(() -> together(trainer -> trainer.averageEvery(2).compression(Compression.BF16)))
                .hasRootCauseMessage("trainer: workers that make updates by themselves tell no gradients; expected"
                        + " compression(Compression.NONE), got bf16");
    }
}
