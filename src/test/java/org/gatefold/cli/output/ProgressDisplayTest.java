package org.gatefold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.gatefold.train.report.StepReport;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private long seconds;

    private static EpochReport epoch(int epoch, double perplexity) {
        return new EpochReport(
                epoch, 2L * epoch, 1.5, 2.5, Map.of("perplexity", perplexity), 0.1f, 1, 0, Duration.ofSeconds(9));
    }

    /** Two updates of 10 rows and 30 steps take a second each, what comes behind them 7. */
    private void train(ProgressDisplay display, int epoch) {
        for (int batch = 0; batch < 2; batch++) {
            seconds++;
            display.stepped(new StepReport(epoch, batch, 2, 1, 10, 30, 1.5f, 1, 0.1f, 1, false));
        }
        seconds += 7;
        display.epochEnded(epoch(epoch, 3 + epoch));
    }

    @Test
    void ratesAreThoseOfTheUpdatesOfAnEpochAlone() {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        try (ProgressDisplay display = new ProgressDisplay(out, "here", false, () -> seconds * 1_000_000_000L)) {
            display.started(0, 2, 2);
            train(display, 0);
            train(display, 1);
            display.ended(new History(List.of(epoch(0, 3), epoch(1, 4)), 0, History.End.STOPPED_EARLY));
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "training 2 epochs of 2 batches on here",
                        "epoch 1/2: loss 1.5000, validation loss 2.5000, perplexity 3.0000, 10 samples/s, 30 steps/s",
                        "epoch 2/2: loss 1.5000, validation loss 2.5000, perplexity 4.0000, 10 samples/s, 30 steps/s",
                        "stopped early; the weights are those of epoch 1, validation loss 2.5000, perplexity 3.0000");
    }
}
