package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that are known of rows to come, such as days of special offers. */
class KnownAheadTest {
    private static final int DAYS = 120;

    @TempDir
    private Path folder;

    /** Sales that rise by 20 on days of special offers, which nothing before tells; of the last {@code coming} days only the offers are known. */
    private Path data(String name, int coming, boolean shops) throws IOException {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder("shop,day,sales,offer\n");
        for (int day = 0; day < DAYS + coming; day++) {
            for (int shop = 0; shop < (shops ? 2 : 1); shop++) {
                boolean offer = random.nextInt(4) == 0;
                double sales = (50 + day % 7 + (offer ? 20 : 0) + random.nextGaussian() / 10) * (1 + 9 * shop);
                text.append(String.format(
                        Locale.ROOT,
                        "%s,2020-%02d-%02d,%s,%d%n",
                        shop == 0 ? "a" : "b",
                        1 + day / 28,
                        1 + day % 28,
                        day < DAYS ? String.format(Locale.ROOT, "%.3f", sales) : "",
                        offer ? 1 : 0));
            }
        }
        return Files.writeString(folder.resolve(name + ".csv"), text);
    }

    private CommandLineRun train(String out, Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "forecast",
                "--data",
                data.toString(),
                "--out",
                folder.resolve(out).toString(),
                "--column",
                "sales",
                "--window",
                "7",
                "--hidden",
                "8",
                "--horizon",
                "2",
                "--batch",
                "8",
                "--threads",
                "1"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private double rmse(String run) throws IOException {
        return CommandLineRun.json(folder.resolve(run).resolve("metrics.json"))
                .getAsJsonObject("test")
                .get("rmse")
                .getAsDouble();
    }

    private List<String> predicted(String run, Path data) {
        CommandLineRun answer = CommandLineRun.of("predict", folder.resolve(run).toString(), "--data", data.toString());
        assertThat(answer.exitCode()).as(answer.err()).isZero();
        return answer.out().lines().skip(1).toList();
    }

    private static double forecast(String line, int place) {
        return Double.parseDouble(line.split(",", -1)[place]);
    }

    @Test
    void whatIsKnownOfTheRowIsRead() throws IOException {
        Path data = data("sales", 5, false);
        CommandLineRun known = train("known", data, "--known", "offer", "--date-column", "day", "--epochs", "60");
        assertThat(known.exitCode()).as(known.err()).isZero();
        assertThat(known.out())
                .contains("96 rows to train on, 24 to test", "offer known ahead", "of period 7, 1 column known ahead");
        train("before", data, "--features", "offer", "--missing", "drop", "--epochs", "60");
        assertThat(rmse("known")).isLessThan(0.7 * rmse("before"));

        List<String> coming = predicted("known", data);
        assertThat(coming.get(0)).startsWith("2020-05-09,1,,");
        assertThat(coming.get(1)).startsWith("2020-05-10,2,,");
        Path other = folder.resolve("other.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.set(
                DAYS + 1,
                lines.get(DAYS + 1).endsWith(",1")
                        ? lines.get(DAYS + 1).replaceAll("1$", "0")
                        : lines.get(DAYS + 1).replaceAll("0$", "1"));
        double change = forecast(predicted("known", Files.write(other, lines)).get(0), 3) - forecast(coming.get(0), 3);
        assertThat(Math.abs(change)).as("an offer more or less tomorrow").isGreaterThan(8);

        String kept = Files.readString(folder.resolve("known/forecast.csv"));
        Files.delete(folder.resolve("known/metrics.json"));
        CommandLineRun resumed = CommandLineRun.of(
                "train",
                "forecast",
                "--resume",
                "--threads",
                "1",
                "--out",
                folder.resolve("known").toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(Files.readString(folder.resolve("known/forecast.csv"))).isEqualTo(kept);
    }

    @Test
    void eachSeriesHasRowsToCome() throws IOException {
        Path data = data("shops", 3, true);
        CommandLineRun run = train(
                "run", data, "--known", "offer", "--series-column", "shop", "--date-column", "day", "--epochs", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("192 rows to train on, 48 to test");
        List<String> coming = predicted("run", data);
        assertThat(coming).hasSize(4);
        assertThat(coming.get(2)).startsWith("b,2020-05-09,1,,");
        assertThat(forecast(coming.get(2), 4) / forecast(coming.get(0), 4)).isBetween(5.0, 20.0);
    }

    @Test
    void whatIsNotKnownIsNamed() throws IOException {
        Path data = data("sales", 1, false);
        assertThat(train("run", data, "--known", "offer", "--epochs", "1").exitCode())
                .isZero();
        assertThat(CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString())
                        .complaint())
                .isEqualTo("gatefold: " + data + ": expected 2 rows behind the last value that is forecast, which tell"
                        + " offer, got 1");
        assertThat(train("same", data, "--known", "sales").complaint())
                .isEqualTo("gatefold: --known: expected columns that are not forecast, got sales (see: gatefold train"
                        + " forecast --help)");
        Path none = Files.writeString(folder.resolve("none.csv"), "shop,sales,offer\na,,1\na,NA,2\n");
        assertThat(train("none", none, "--known", "offer").complaint())
                .isEqualTo("gatefold: " + none + ": expected a row with a value of sales, got none");
        assertThat(train("shops", none, "--known", "offer", "--series-column", "shop")
                        .complaint())
                .isEqualTo("gatefold: " + none + ", series 'a': expected a row with a value of sales, got none");
    }
}
