package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several series in one file, and several columns at once. */
class SeriesColumnTest {
    private static final int MONTHS = 60;
    private static final int LATE = 12;

    @TempDir
    private Path folder;

    /** Three series of other sizes, month by month; the last begins a year late. In its last fifth each may be another. */
    private Path data(boolean otherEnd) throws IOException {
        StringBuilder text = new StringBuilder("shop,month,value,price\n");
        for (int month = 0; month < MONTHS; month++) {
            for (int shop = 0; shop < 3; shop++) {
                int row = month - (shop == 2 ? LATE : 0);
                int rows = MONTHS - (shop == 2 ? LATE : 0);
                double size = Math.pow(100, shop);
                double value = size * (5 + Math.sin(2 * Math.PI * (month + shop) / 12) + month * month % 7 / 10.0);
                double shown = otherEnd && row >= Math.round(rows * 0.8) ? 50 * size : value;
                if (row >= 0) {
                    text.append(String.format(
                            Locale.ROOT,
                            "%s,%d-%02d,%.4f,%.2f%n",
                            "north,south,new".split(",")[shop],
                            1990 + month / 12,
                            1 + month % 12,
                            shown,
                            3 + month % 5 + shop / 10.0));
                }
            }
        }
        return Files.writeString(folder.resolve("shops" + otherEnd + ".csv"), text);
    }

    private CommandLineRun train(String out, Path data, String... more) {
        List<String> arguments = CommandLineRun.forecast(data, folder.resolve(out), 6, 3, "--epochs", "2");
        arguments.addAll(List.of("--series-column", "shop", "--date-column", "month", "--device", "reference"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private CommandLineRun predict(String run, Path data, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("predict", folder.resolve(run).toString(), "--data", data.toString(), "--device", "reference"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private JsonObject test(String run) throws IOException {
        return CommandLineRun.json(folder.resolve(run).resolve("metrics.json")).getAsJsonObject("test");
    }

    @Test
    void oneNetworkForecastsEverySeriesInItsOwnScale() throws IOException {
        CommandLineRun result = train("run", data(false), "--horizon", "2", "--validation", "0.3");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("of 3 series; figures are means over the series", "linear forecasts of each series")
                .containsPattern("of what came the 80 % interval [0-9.]+ %");
        JsonArray each = test("run").getAsJsonArray("series");
        assertThat(each).hasSize(3);
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += each.get(i).getAsJsonObject().get("mase").getAsDouble();
        }
        assertThat(test("run").get("mase").getAsDouble()).isEqualTo(sum / 3, within(1e-12));
        JsonObject baselines =
                CommandLineRun.json(folder.resolve("run/metrics.json")).getAsJsonObject("baselines");
        for (String name : List.of("persistence", "seasonal", "ar", "ets", "theta")) {
            assertThat(baselines.getAsJsonObject(name).get("owa").getAsDouble()).isPositive();
        }

        // Each forecast is of the size of its series, which differ by a hundred.
        CsvTable forecast = CsvTable.read(folder.resolve("run/forecast.csv"));
        assertThat(forecast.names()).startsWith("series", "row", "step", "actual", "forecast");
        double[] forecasts = forecast.numbers("forecast");
        double[] actual = forecast.numbers("actual");
        assertThat(forecasts).hasSize(2 * (11 + 11 + 9));
        for (int i = 0; i < forecasts.length; i++) {
            assertThat(forecasts[i] / actual[i]).isBetween(0.3, 3.0);
        }
        for (String plot : List.of("forecast-1.png", "forecast-2.png", "forecast-3.png", "report.html")) {
            assertThat(folder.resolve("run").resolve(plot)).isNotEmptyFile();
        }

        List<String> next = predict("run", data(false)).out().lines().toList();
        assertThat(next).hasSize(1 + 3 * 2);
        assertThat(next.get(1)).startsWith("north,1995-01,1,,");
        assertThat(next.get(6)).startsWith("new,1995-02,2,,");
        List<String> walked =
                predict("run", data(false), "--walk-forward").out().lines().toList();
        assertThat(walked.size()).isEqualTo(1 + 2 * (2 * (MONTHS - 6 + 1) + MONTHS - LATE - 6 + 1));
    }

    @Test
    void nothingIsLearntOfTheEndOfAnySeries() throws IOException {
        assertThat(train("run", data(false)).exitCode()).isZero();
        assertThat(train("other", data(true)).exitCode()).isZero();
        assertThat(folder.resolve("run/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("other/model.safetensors"));
    }

    /** A series alone, and among others whose rows stand between its own, is read and compared in the same way. */
    @Test
    void baselinesAreThoseOfEachSeries() throws IOException {
        train("run", data(false));
        Path one = Files.write(
                folder.resolve("one.csv"),
                Files.readAllLines(data(false)).stream()
                        .filter(line -> !line.startsWith("north") && !line.startsWith("new"))
                        .toList());
        train("one", one);
        JsonObject all = CommandLineRun.json(folder.resolve("run/settings.json"));
        JsonObject alone = CommandLineRun.json(folder.resolve("one/settings.json"));
        assertThat(all.getAsJsonObject("fields")
                        .getAsJsonObject("target")
                        .getAsJsonArray("series")
                        .get(1))
                .isEqualTo(alone.getAsJsonObject("fields")
                        .getAsJsonObject("target")
                        .getAsJsonArray("series")
                        .get(0));
    }

    @Test
    void aRunOfSeveralSeriesIsGoneOnWith() throws IOException {
        Path data = data(false);
        CommandLineRun whole =
                train("run", data, "--train-rows", "40", "--test", data(true).toString());
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        String forecast = Files.readString(folder.resolve("run/forecast.csv"));
        Files.delete(folder.resolve("run/metrics.json"));
        CommandLineRun resumed = CommandLineRun.resumed(folder.resolve("run"));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(Files.readString(folder.resolve("run/forecast.csv"))).isEqualTo(forecast);
    }

    @Test
    void gapsAreFilledWithinEachSeries() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(data(false)));
        lines.set(4, lines.get(4).replaceAll(",[0-9.]+,([0-9.]+)$", ",NA,$1"));
        Path gaps = Files.write(folder.resolve("gaps.csv"), lines);
        assertThat(train("run", gaps).complaint())
                .isEqualTo("gatefold: " + gaps + ", line 5, column 'value': expected a number, got 'NA'; --missing says"
                        + " what to do about rows without one");
        for (String kind : List.of("drop", "interpolate", "mask")) {
            CommandLineRun run = train(kind, gaps, "--missing", kind);
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
        assertThat(train("held", gaps, "--missing", "mask").err()
                        + train("line", gaps, "--missing", "mask").out())
                .contains("series 'south': 1 of 60 rows have no value in 'value'");
    }

    @Test
    void severalColumnsAreForecastTogether() throws IOException {
        Path data = data(false);
        CommandLineRun run = CommandLineRun.of(
                "train",
                "forecast",
                "--data",
                data.toString(),
                "--column",
                "value, price",
                "--series-column",
                "shop",
                "--window",
                "6",
                "--hidden",
                "3",
                "--epochs",
                "2",
                "--members",
                "2",
                "--horizon",
                "2",
                "--out",
                folder.resolve("both").toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("value, price of ", "of 2 columns", "of 3 series");
        List<String> next = predict("both", data).out().lines().toList();
        assertThat(next).hasSize(1 + 3 * 2 * 2);
        assertThat(next.get(0)).startsWith("series,column,row,step,actual,forecast,lo-80");
        assertThat(next.get(1)).startsWith("north,value,+1,1,,");
        assertThat(next.get(4)).startsWith("north,price,+2,2,,");
        // Prices, which repeat every five months, are told from values by their size.
        assertThat(Double.parseDouble(next.get(12).split(",")[5])).isBetween(2.0, 9.0);
    }

    @Test
    void columnsOfOneSeriesAreScoredOneByOne() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        CommandLineRun run = CommandLineRun.train(
                "forecast", data, folder.resolve("run"), 2, "--column", "value,other", "--window", "6");
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonArray columns = test("run").getAsJsonArray("column");
        assertThat(columns).hasSize(2);
        assertThat(columns.get(1).getAsJsonObject().get("column").getAsString()).isEqualTo("other");
        assertThat(columns.get(1).getAsJsonObject().get("rmse").getAsDouble()).isPositive();
        assertThat(Files.readAllLines(folder.resolve("run/forecast.csv"))).hasSize(1 + 2 * 12);
        String forecast = Files.readString(folder.resolve("run/forecast.csv"));
        Files.delete(folder.resolve("run/metrics.json"));
        assertThat(CommandLineRun.resumed(folder.resolve("run")).exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("run/forecast.csv"))).isEqualTo(forecast);
    }

    @Test
    void whatIsNoSeriesIsRefused() throws IOException {
        Path data = data(false);
        assertThat(train("run", data, "--series-column", "town").err()).contains("series-column");
        Path empty = Files.writeString(folder.resolve("empty.csv"), "shop,month,value\nA,1990-01,1\n,1990-02,2\n");
        assertThat(train("run", empty).complaint())
                .isEqualTo("gatefold: " + empty + ", line 3, column 'shop': expected the name of a series, the field is"
                        + " empty");
        train("run", data);
        Path other = Files.writeString(
                folder.resolve("other.csv"), Files.readString(data).replace("south", "west"));
        assertThat(predict("run", other).complaint())
                .isEqualTo("gatefold: " + other + ", series 'west': expected one of the 3 series that were trained on");
        Path brief = Files.writeString(folder.resolve("brief.csv"), Files.readString(data) + "west,1990-01,1,1\n");
        assertThat(train("brief", brief).complaint())
                .startsWith("gatefold: training rows: expected 1 to 0 of the 1 rows from " + brief + ", line 170, ");
        assertThat(CommandLineRun.of("train", "forecast", "--data", data.toString(), "--column", "value,value")
                        .complaint())
                .startsWith("gatefold: --column: expected names, none of them twice, got value,value");
    }

    /** Before several columns could be named, the one was kept as a text. */
    @Test
    void aRunWhoseColumnIsATextIsRead() throws IOException {
        Path data = CommandLineRun.seasons(folder, 60);
        CommandLineRun.train("forecast", data, folder.resolve("run"), 1, "--column", "value", "--window", "6");
        Path settings = folder.resolve("run/settings.json");
        String kept =
                Files.readString(settings).replaceFirst("\"column\": \\[\\s*\"value\"\\s*\\]", "\"column\": \"value\"");
        assertThat(kept).contains("\"column\": \"value\"");
        Files.writeString(settings, kept);
        Files.delete(folder.resolve("run/metrics.json"));
        CommandLineRun resumed = CommandLineRun.resumed(folder.resolve("run"));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    }
}
