package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastCommandTest {
    @TempDir
    private Path folder;

    private CommandLineRun train(Path data, String... more) {
        return trainInto("run", data, more);
    }

    private CommandLineRun trainInto(String run, Path data, String... more) {
        List<String> arguments = CommandLineRun.forecast(data, folder.resolve(run), 6, 4, "--epochs", "2");
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void writesModelMetricsPlotsAndTables() throws IOException {
        CommandLineRun result = train(CommandLineRun.seasons(folder, 60), "--date-column", "month");

        assertThat(result.exitCode()).as(result.err()).isZero();
        Path run = folder.resolve("run");
        for (String file : List.of("model.safetensors", "settings.json", "history.csv", "forecast.csv")) {
            assertThat(run.resolve(file)).isNotEmptyFile();
        }
        for (String plot : List.of("training.png", "forecast.png")) {
            assertThat(Files.readAllBytes(run.resolve(plot))).startsWith(0x89, 'P', 'N', 'G');
        }
        JsonObject metrics = CommandLineRun.json(run.resolve("metrics.json"));
        assertThat(metrics.getAsJsonObject("test").get("rmse").getAsDouble()).isPositive();
        assertThat(metrics.getAsJsonObject("test").get("mae").getAsDouble()).isPositive();
        JsonObject baselines = metrics.getAsJsonObject("baselines");
        assertThat(baselines.keySet()).containsExactly("persistence", "seasonal", "ar", "ets", "theta");
        for (String baseline : baselines.keySet()) {
            assertThat(baselines.getAsJsonObject(baseline).get("rmse").getAsDouble())
                    .isPositive();
        }
        assertThat(metrics.getAsJsonObject("test").keySet()).contains("mase", "smape", "owa");
        assertThat(metrics.get("device").getAsString()).isNotEmpty();
        assertThat(metrics.get("implementation").getAsString()).isNotEmpty();
    }

    @Test
    void intervalsAreToldBesideForecastsAndBeyondTheFile() throws IOException {
        Path data = CommandLineRun.seasons(folder, 80);
        CommandLineRun result = train(data, "--validation", "0.3", "--intervals", "0.5,0.9");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .containsPattern("of what came the 50 % interval [0-9.]+ %, the 90 % interval [0-9.]+ %");
        Path run = folder.resolve("run");
        String header = "row,step,actual,forecast,lo-50,hi-50,lo-90,hi-90";
        List<String> lines = Files.readAllLines(run.resolve("forecast.csv"));
        assertThat(lines.get(0)).isEqualTo(header);
        int held = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            double[] numbers = new double[fields.length];
            for (int i = 2; i < fields.length; i++) {
                numbers[i] = Double.parseDouble(fields[i]);
            }
            assertThat(numbers[6]).isLessThan(numbers[4]);
            assertThat(numbers[3]).isBetween(numbers[4], numbers[5]);
            assertThat(numbers[7]).isGreaterThan(numbers[5]);
            held += numbers[2] >= numbers[6] && numbers[2] <= numbers[7] ? 1 : 0;
        }
        JsonObject test = CommandLineRun.json(run.resolve("metrics.json")).getAsJsonObject("test");
        assertThat(test.get("crps").getAsDouble()).isPositive();
        JsonObject widest = test.getAsJsonArray("intervals").get(1).getAsJsonObject();
        assertThat(widest.get("coverage").getAsDouble()).isEqualTo((double) held / (lines.size() - 1), within(1e-12));
        List<String> beyond = CommandLineRun.of("predict", run.toString(), "--data", data.toString())
                .out()
                .lines()
                .toList();
        assertThat(beyond.get(0)).isEqualTo(header);
        assertThat(beyond.get(1).split(",", -1)).hasSize(8);
    }

    @Test
    void membersAreTrainedOneAfterTheOtherAndForecastTogether() throws IOException {
        Path data = CommandLineRun.seasons(folder, 80);
        CommandLineRun result = train(data, "--members", "3", "--horizon", "2", "--validation", "0.3", "--alone");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("mean of 3 networks: Lstm of 4 units, layers 1")
                .doesNotContain("Linear");
        String alone = Files.readString(folder.resolve("run/forecast.csv"));
        List<String> beyond = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString())
                .out()
                .lines()
                .toList();
        assertThat(beyond).hasSize(3);
        assertThat(trainInto("other", data, "--horizon", "2", "--validation", "0.3", "--alone")
                        .exitCode())
                .isZero();
        assertThat(Files.readString(folder.resolve("other/forecast.csv"))).isNotEqualTo(alone);
    }

    @Test
    void intervalsAreSharesOrNone() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        assertThat(train(data, "--intervals", "none").exitCode()).isZero();
        assertThat(Files.readAllLines(folder.resolve("run/forecast.csv")).get(0))
                .isEqualTo("row,step,actual,forecast");
        assertThat(trainInto("other", data, "--intervals", "0.8,1").err())
                .contains("--intervals: expected shares above 0 and below 1, such as 0.8,0.95, or none, got 0.8,1");
    }

    @Test
    void precisionIsKeptWithTheModelAndScalesTheLoss() throws IOException {
        CommandLineRun result =
                train(CommandLineRun.seasons(folder, 60), "--device", "reference", "--precision", "f16");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).contains(", loss scale 65536, 0 skipped");
        Path run = folder.resolve("run");
        assertThat(Files.readAllLines(run.resolve("history.csv")))
                .first()
                .isEqualTo("epoch,loss,validationLoss,learningRate,lossScale,skippedSteps,seconds");
        assertThat(CommandLineRun.json(run.resolve("settings.json"))
                        .getAsJsonObject("options")
                        .get("precision")
                        .getAsString())
                .isEqualTo("F16");
        assertThat(CommandLineRun.of("info", run.resolve("model.safetensors").toString())
                        .out())
                .contains("\"precision\": \"F16\"");
        assertThat(CommandLineRun.json(run.resolve("metrics.json"))
                        .get("skippedSteps")
                        .getAsInt())
                .isZero();
    }

    @Test
    void showsLossRatesDeviceImplementationAndBaselines() throws IOException {
        CommandLineRun result = train(CommandLineRun.seasons(folder, 60), "--device", "reference");

        assertThat(result.err())
                .contains("on reference (reference)")
                .containsPattern("epoch 2/2: loss [0-9.]+, [0-9,]+ samples/s, [0-9,]+ steps/s");
        assertThat(result.out()).contains("model", "persistence", "seasonal", "period 12", "ar", "order ");
        assertThat(result.out()).containsPattern("the model is (better than every baseline|beaten by )");
    }

    @Test
    void saysPlainlyWhichBaselineIsBetter() throws IOException {
        CommandLineRun result = train(CommandLineRun.seasons(folder, 60), "--alone", "--lr", "1e-9");
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        double model = metrics.getAsJsonObject("test").get("rmse").getAsDouble();
        double ar = metrics.getAsJsonObject("baselines")
                .getAsJsonObject("ar")
                .get("rmse")
                .getAsDouble();
        assertThat(ar).isLessThan(model);
        assertThat(result.out()).containsPattern("the model is beaten by .*ar \\(rmse");
    }

    @Test
    void baselinesAreThoseOfTheTestPart() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        train(data, "--train-rows", "45");
        double[] values = CsvTable.read(data).numbers("value");
        double squares = 0;
        for (int row = 45; row < 60; row++) {
            squares += (values[row] - values[row - 1]) * (values[row] - values[row - 1]);
        }
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        assertThat(metrics.getAsJsonObject("test").get("rows").getAsInt()).isEqualTo(15);
        assertThat(metrics.getAsJsonObject("baselines")
                        .getAsJsonObject("persistence")
                        .get("rmse")
                        .getAsDouble())
                .isEqualTo(Math.sqrt(squares / 15), within(1e-9));
    }

    @Test
    void takesAllOptionsTogether() throws IOException {
        CommandLineRun result = train(
                CommandLineRun.seasons(folder, 80),
                "--features",
                "other",
                "--date-column",
                "month",
                "--calendar",
                "--log",
                "--seasonal-diff",
                "12",
                "--diff",
                "--horizon",
                "3",
                "--layers",
                "2",
                "--dropout",
                "0.1",
                "--batch",
                "8",
                "--validation",
                "0.2",
                "--patience",
                "3",
                "--scale",
                "minmax",
                "--target",
                "level",
                "--seed",
                "7",
                "--threads",
                "1");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).contains("validation loss");
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        assertThat(metrics.getAsJsonObject("test").getAsJsonArray("rmseByStep")).hasSize(3);
        assertThat(CsvTable.read(folder.resolve("run/forecast.csv")).rows()).isEqualTo(3 * 14);
    }

    @Test
    void theSameSeedGivesTheSameForecasts() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        train(data, "--alone", "--seed", "5");
        String first = Files.readString(folder.resolve("run/forecast.csv"));
        trainInto("again", data, "--alone", "--seed", "5");
        trainInto("other", data, "--alone", "--seed", "6");
        assertThat(folder.resolve("again/forecast.csv")).hasContent(first);
        assertThat(Files.readString(folder.resolve("other/forecast.csv"))).isNotEqualTo(first);
    }

    @Test
    void predictContinuesAndWalksThroughNewRows() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        train(data, "--train-rows", "45", "--horizon", "2");
        String run = folder.resolve("run").toString();

        CommandLineRun next = CommandLineRun.of("predict", run, "--data", data.toString());
        assertThat(next.exitCode()).as(next.err()).isZero();
        assertThat(next.out().lines().toList())
                .hasSize(3)
                .first()
                .isEqualTo("row,step,actual,forecast,lo-80,hi-80,lo-95,hi-95");
        assertThat(next.out()).contains("\n+1,1,,", "\n+2,2,,");

        Path out = folder.resolve("walk.csv");
        CommandLineRun walk =
                CommandLineRun.of("predict", run, "--data", data.toString(), "--walk-forward", "--out", out.toString());
        assertThat(walk.exitCode()).as(walk.err()).isZero();
        CsvTable walked = CsvTable.read(out);
        assertThat(walked.rows()).isEqualTo(2 * (60 - 6 + 1));
        // The run's own forecasts of the test part must be found again among those of the loaded model.
        CsvTable test = CsvTable.read(folder.resolve("run/forecast.csv"));
        double[] own = test.numbers("forecast");
        double[] loaded = walked.numbers("forecast");
        for (int i = 0; i < own.length; i++) {
            assertThat(loaded[2 * (45 - 6) + i]).isEqualTo(own[i], within(1e-3));
        }
    }

    @Test
    void findsTheOnlyNumbersOfASpreadsheet() throws IOException {
        StringBuilder text = new StringBuilder("sep=;\r\nDatum;Menge;;\r\n");
        for (int row = 0; row < 40; row++) {
            text.append("2023-01-01;")
                    .append(row % 7)
                    .append(',')
                    .append(row % 10)
                    .append(";;\r\n");
        }
        Path data = Files.writeString(folder.resolve("a.csv"), text + ";;;\r\n");
        CommandLineRun result = CommandLineRun.train("forecast", data, folder.resolve("run"), 1, "--window", "6");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("Menge of " + data + ": 32 rows to train on, 8 to test");
    }

    @Test
    void infoShowsLayersOptionsAndMetrics() throws IOException {
        train(CommandLineRun.seasons(folder, 60));
        CommandLineRun info = CommandLineRun.of("info", folder.resolve("run").toString());
        assertThat(info.exitCode()).as(info.err()).isZero();
        assertThat(info.out()).contains("Lstm", "Linear", "parameters", "\"window\": 6", "\"rmse\"");
    }
}
