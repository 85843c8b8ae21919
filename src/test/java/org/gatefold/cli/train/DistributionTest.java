package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forecasts that are distributions, which the network learns. */
class DistributionTest {
    @TempDir
    private Path folder;

    /** Noise of deviation 1 on every other day, and of 5 on the days between. */
    private Path noise() throws IOException {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder("value,loud\n");
        for (int row = 0; row < 500; row++) {
            text.append(String.format(
                    Locale.ROOT, "%.4f,%d%n", 100 + random.nextGaussian() * (row % 2 == 0 ? 1 : 5), row % 2));
        }
        return Files.writeString(folder.resolve("noise.csv"), text);
    }

    private CommandLineRun train(String out, Path data, String... more) {
        List<String> arguments = CommandLineRun.forecast(data, folder.resolve(out), 6, 8);
        arguments.addAll(List.of("--device", "reference"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private JsonObject test(String run) throws IOException {
        return CommandLineRun.json(folder.resolve(run).resolve("metrics.json")).getAsJsonObject("test");
    }

    /** Intervals that are as wide as a day is loud, which those of one width for all cannot be. */
    @ParameterizedTest
    @CsvSource({
        "--quantiles,'0.1,0.5,0.9',q-10,q-90",
        "--distribution,gaussian,lo-80,hi-80",
        "--distribution,student-t,lo-80,hi-80"
    })
    void whatLiesRoundAForecastIsLearnt(String option, String value, String low, String high) throws IOException {
        CommandLineRun run = train("run", noise(), option, value, "--known", "loud", "--epochs", "40");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("of what came the 80 % interval [0-9.]+ %");
        CsvTable forecast = CsvTable.read(folder.resolve("run/forecast.csv"));
        double[] lows = forecast.numbers(low);
        double[] highs = forecast.numbers(high);
        double[] middles = forecast.numbers("forecast");
        double[] came = forecast.numbers("actual");
        double quiet = 0;
        double loud = 0;
        int held = 0;
        for (int row = 0; row < lows.length; row++) {
            assertThat(middles[row]).isBetween(lows[row], highs[row]);
            held += came[row] >= lows[row] && came[row] < highs[row] ? 1 : 0;
            if (row % 2 == 0) {
                quiet += highs[row] - lows[row];
            } else {
                loud += highs[row] - lows[row];
            }
        }
        assertThat(loud / quiet).isGreaterThan(2);
        JsonObject told = test("run");
        double coverage = told.getAsJsonArray("intervals")
                .get(0)
                .getAsJsonObject()
                .get("coverage")
                .getAsDouble();
        assertThat(coverage)
                .isEqualTo((double) held / lows.length, within(1e-9))
                .isBetween(0.65, 0.95);
        assertThat(told.get("pinball").getAsDouble()).isPositive();
        if (option.equals("--distribution")) {
            train("width", noise(), "--intervals", "0.8", "--epochs", "3");
            assertThat(told.get("crps").getAsDouble())
                    .isLessThan(test("width").get("crps").getAsDouble());
        }
        assertThat(folder.resolve("run/forecast.png")).isNotEmptyFile();
    }

    @Test
    void aRunIsGoneOnWithAndAnswers() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        CommandLineRun run =
                train("run", data, "--quantiles", "0.05,0.5,0.95", "--horizon", "2", "--members", "2", "--epochs", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        String kept = Files.readString(folder.resolve("run/forecast.csv"));
        assertThat(kept).startsWith("row,step,actual,forecast,q-5,q-50,q-95");
        Files.delete(folder.resolve("run/metrics.json"));
        assertThat(CommandLineRun.resumed(folder.resolve("run")).exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("run/forecast.csv"))).isEqualTo(kept);
        List<String> next = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString())
                .out()
                .lines()
                .toList();
        assertThat(next).hasSize(3);
        assertThat(next.get(2).split(",", -1)).hasSize(7);
    }

    @Test
    void severalColumnsHaveDistributionsEach() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--column", "value,other"));
        arguments.addAll(List.of(
                "--data", data.toString(), "--out", folder.resolve("run").toString()));
        arguments.addAll(List.of("--window", "6", "--hidden", "3", "--epochs", "2", "--members", "2"));
        arguments.addAll(List.of("--distribution", "gaussian", "--horizon", "2"));
        CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        CsvTable forecast = CsvTable.read(folder.resolve("run/forecast.csv"));
        assertThat(forecast.names()).endsWith("lo-80", "hi-80", "lo-95", "hi-95");
        assertThat(forecast.rows()).isEqualTo(2 * 2 * 11);
        assertThat(test("run").getAsJsonArray("intervals")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--quantiles 0.5,0.1|--quantiles: expected rising shares above 0 and below 1, such as 0.05,0.5,0.95, got 0.5,0.1",
                "--quantiles 0,1|--quantiles: expected rising shares above 0 and below 1, such as 0.05,0.5,0.95, got 0,1",
                "--quantiles x|--quantiles: expected rising shares above 0 and below 1, such as 0.05,0.5,0.95, got x",
                "--quantiles 0.5 --distribution gaussian|expected --quantiles or --distribution, got both",
                "--quantiles 0.5 --intervals 0.8|expected --quantiles or --intervals, got both",
                "--distribution gaussian --horizon 2 --diff|--distribution: expected no changes against rows that are forecast"
                        + " themselves, got --diff with --horizon 2",
                "--quantiles 0.5 --strategy recursive|--quantiles: expected --strategy direct, as what lies round a forecast"
                        + " cannot be read as if it had come, got recursive",
                "--distribution cauchy|--distribution: expected one of gaussian, student-t, got 'cauchy'",
            })
    void whatDoesNotGoTogetherIsRefused(String options, String complaint) throws IOException {
        assertThat(train("run", CommandLineRun.seasons(folder, 60), options.split(" "))
                        .complaint())
                .isEqualTo("gatefold: " + complaint + " (see: gatefold train forecast --help)");
    }
}
