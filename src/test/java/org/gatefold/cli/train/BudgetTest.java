package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preparations that are tried before a run. */
class BudgetTest {
    private static final int ROWS = 80;

    @TempDir
    private Path folder;

    /** What doubles every 8 rows, by shares that jump up and down: without the logarithm a network has never seen such numbers. */
    private Path growth(boolean otherEnd) throws IOException {
        Random random = new Random(3);
        StringBuilder text = new StringBuilder("value\n");
        for (int row = 0; row < ROWS; row++) {
            double value = Math.exp(row * Math.log(2) / 8 + (row % 2) + random.nextGaussian() / 50);
            text.append(String.format(Locale.ROOT, "%.4f%n", otherEnd && row >= 64 ? 7 : value));
        }
        return Files.writeString(folder.resolve("growth" + otherEnd + ".csv"), text);
    }

    private CommandLineRun train(String out, Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--data", data.toString(), "--alone"));
        arguments.addAll(List.of("--out", folder.resolve(out).toString(), "--hidden", "6", "--batch", "8"));
        arguments.addAll(List.of("--epochs", "30", "--window", "4", "--device", "reference"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void whatFitsTheEndOfTheTrainingPartIsTaken() throws IOException {
        CommandLineRun run = train("run", growth(false), "--budget", "600");
        assertThat(run.exitCode()).as(run.err()).isZero();
        CsvTable tried = CsvTable.read(folder.resolve("run/tried.csv"));
        // Neither window nor size is tried, as they were given.
        assertThat(tried.text("preparation"))
                .startsWith("as given", "--log", "--sqrt")
                .endsWith("--members 3", "--diff")
                .noneMatch(words -> words.contains("window") || words.contains("hidden"));
        List<String> last = tried.text("result");
        int taken = last.indexOf("taken");
        assertThat(tried.text("preparation").get(taken)).contains("--log");
        assertThat(tried.numbers("rmse")[taken]).isLessThan(0.5 * tried.numbers("rmse")[0]);
        assertThat(run.out()).contains("preparations tried on the end of the training part", "taken");
        JsonObject options =
                CommandLineRun.json(folder.resolve("run/settings.json")).getAsJsonObject("options");
        assertThat(options.get("log").getAsBoolean()).isTrue();
        String page = Files.readString(folder.resolve("run/report.html"));
        assertThat(page).contains("Tried before", "<th>gain</th><th>seconds</th><th>result</th>", "<td>as given</td>");

        Files.delete(folder.resolve("run/metrics.json"));
        Files.delete(folder.resolve("run/report.html"));
        CommandLineRun resumed = CommandLineRun.resumed(folder.resolve("run"));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.out()).doesNotContain("preparations tried");
        assertThat(section(Files.readString(folder.resolve("run/report.html"))))
                .isEqualTo(section(page))
                .contains("<td>taken</td>");
    }

    private static String section(String page) {
        return page.substring(page.indexOf("Tried before"), page.indexOf("Training</h"));
    }

    /** Of what is tested on nothing is known: the same scores, and the same is taken. */
    @Test
    void theTestPartDoesNotDecide() throws IOException {
        train("run", growth(false), "--budget", "600");
        train("other", growth(true), "--budget", "600");
        CsvTable tried = CsvTable.read(folder.resolve("run/tried.csv"));
        CsvTable other = CsvTable.read(folder.resolve("other/tried.csv"));
        assertThat(other.numbers("rmse")).isEqualTo(tried.numbers("rmse"));
        assertThat(other.text("gain")).isEqualTo(tried.text("gain"));
    }

    @Test
    void whereThereIsNoTimeTheFirstIsTaken() throws IOException {
        Path several = CommandLineRun.seasons(folder, 60);
        List<String> arguments = CommandLineRun.forecast(several, folder.resolve("run"), 4, 2, "--epochs", "1");
        arguments.addAll(List.of("--budget", "0"));
        assertThat(CommandLineRun.of(arguments.toArray(String[]::new)).out()).doesNotContain("tried");
        assertThat(folder.resolve("run/tried.csv")).doesNotExist();
        assertThat(train("other", several, "--column", "value", "--budget", "-1")
                        .complaint())
                .isEqualTo("gatefold: --budget: expected at least 0, got -1 (see: gatefold train forecast --help)");
        assertThat(train("none", several, "--column", "price", "--budget", "5").complaint())
                .contains("has no column 'price'");
        assertThat(folder.resolve("none")).doesNotExist();
    }
}
