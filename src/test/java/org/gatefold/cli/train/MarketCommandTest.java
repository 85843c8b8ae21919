package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes for markets on the command line: what they write, and what they refuse in a line. */
class MarketCommandTest {
    private static final String HEADER = "date,A,B";

    @TempDir
    private Path folder;

    /** Rows of two assets that begin in the year 2000, a row a month. */
    private static List<String> rows(int count) {
        Random random = new Random(5);
        List<String> lines = new ArrayList<>();
        double a = 100;
        double b = 30;
        for (int row = 0; row < count; row++) {
            a *= Math.exp(0.02 * random.nextGaussian());
            b *= Math.exp(0.03 * random.nextGaussian());
            lines.add(String.format(Locale.ROOT, "%d-%02d,%.4f,%.4f", 2000 + row / 12, row % 12 + 1, a, b));
        }
        return lines;
    }

    private Path data(String header, List<String> rows) throws IOException {
        List<String> lines = new ArrayList<>(rows);
        lines.add(0, header);
        return Files.write(folder.resolve("data.csv"), lines);
    }

    private CommandLineRun train(String goal, Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train", "market-" + goal, "--data", data.toString(), "--hidden", "2", "--epochs", "1", "--out"));
        arguments.add(folder.resolve("run").toString());
        arguments.addAll(Arrays.asList(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    /** The numbers of all lines of a run's file, behind as many columns as have none. */
    private List<double[]> numbers(String file, String header, int before) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("run").resolve(file));
        assertThat(lines.get(0)).isEqualTo(header);
        return lines.stream()
                .skip(1)
                .map(line -> Arrays.stream(line.split(","))
                        .skip(before)
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }

    private void requireUsage(CommandLineRun run, String complaint) {
        assertThat(run.complaint()).startsWith("gatefold: " + complaint);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"2005-05,2005-05", "2004-01,2004-01"})
    void datesMustRise(String date, String got) throws IOException {
        List<String> rows = rows(120);
        rows.set(65, date + ",100,30");
        Path data = data(HEADER, rows);
        requireUsage(
                train("price", data),
                data + ", line 67, column 'date': expected a date after '2005-05', got '" + got + "' (see");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-3.5"})
    void pricesArePositive(String price) throws IOException {
        List<String> rows = rows(120);
        rows.set(10, "2000-11,100," + price);
        Path data = data(HEADER, rows);
        requireUsage(
                train("price", data), data + ", line 12, column 'B': expected a price above 0, got '" + price + "'");
    }

    @Test
    void pricesAreNumbers() throws IOException {
        List<String> rows = rows(120);
        rows.set(10, "2000-11,100,");
        Path data = data(HEADER, rows);
        requireUsage(train("price", data), data + ", line 12, column 'B': expected a ");
    }

    @Test
    void columnsMustBeThere() throws IOException {
        Path data = data(HEADER, rows(120));
        requireUsage(
                train("price", data, "--assets", "A,C"),
                "--assets: " + data + " has no column 'C'; its columns are date, A, B");
        requireUsage(
                train("price", data, "--date-column", "day"),
                "--date-column: " + data + " has no column 'day'; its columns are date, A, B");
        requireUsage(train("price", data, "--asset", "C"), "--asset: expected one of A, B, got 'C'");
        requireUsage(train("price", data, "--assets", "A,A"), "--assets: expected each asset once, got A, A");
    }

    @Test
    void thereMustBeEnoughRows() throws IOException {
        Path data = data(HEADER, rows(60));
        requireUsage(
                train("price", data), data + ": expected at least 61 rows to train on with --window 20, got 48 of 60");
    }

    @Test
    void testRowsAreTheEndWhereItIsWalkedThrough() throws IOException {
        Path data = data(HEADER, rows(120));
        requireUsage(
                train("price", data, "--retrain", "10", "--test", data.toString()),
                "expected --retrain or --test, got both (see");
    }

    @Test
    void returnsAreForecastBesideTheRandomWalk() throws IOException {
        Path data = data(HEADER, rows(160));
        CommandLineRun run = train("price", data, "--retrain", "12", "--horizon", "2");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("random-walk", "Diebold-Mariano against the random walk: ");
        assertThat(Files.readAllLines(folder.resolve("run/forecast.csv")).get(0))
                .isEqualTo("row,actual,forecast,price");
        assertThat(Files.readAllLines(folder.resolve("run/forecast.csv"))).hasSize(1 + 31);
        assertThat(folder.resolve("run/report.html")).exists();
        CommandLineRun next = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(next.out()).startsWith("row,actual,forecast,price\n2013-05,,");
    }

    @Test
    void riskIsToldBesideGarch() throws IOException {
        Path data = data(HEADER, rows(160));
        CommandLineRun run = train("risk", data, "--asset", "B");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("garch-normal", "ewma", "historical", "kupiec95", "christoffersen99");
        for (double[] answer : numbers("risk.csv", "row,actual,volatility,var95,var99,es95,es99", 2)) {
            assertThat(answer[0]).isPositive().isLessThan(0.1);
            assertThat(answer[2]).isGreaterThanOrEqualTo(answer[1]);
            assertThat(answer[3]).isGreaterThanOrEqualTo(answer[1]);
            assertThat(answer[4]).isGreaterThanOrEqualTo(answer[2]);
        }
        assertThat(Files.readString(folder.resolve("run/report.html"))).contains("Value at risk");
        assertThat(folder.resolve("run/value-at-risk.png")).exists();
    }

    @Test
    void signalsAreTradedBesideBuyingAndHolding() throws IOException {
        Path data = data(HEADER, rows(160));
        CommandLineRun run = train("signal", data, "--retrain", "20", "--cost", "10", "--long-only");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("buy-and-hold", "hitRate", "after costs 1 became ");
        assertThat(Files.readAllLines(folder.resolve("run/signal.csv")).get(0))
                .isEqualTo("row,actual,signal,down,flat,up");
        assertThat(folder.resolve("run/equity.png")).exists();
        assertThat(folder.resolve("run/confusion.png")).exists();
        CommandLineRun next = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(next.out()).containsPattern("\n2013-05,,(down|flat|up),0\\.\\d+,0\\.\\d+,0\\.\\d+\n");
    }

    @Test
    void weightsOfPortfoliosSumToOne() throws IOException {
        Path data = data(HEADER, rows(160));
        CommandLineRun run = train("portfolio", data, "--retrain", "20");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("equal-weight", "minimum-variance", "buy-and-hold", "of equal weights");
        for (double[] weights : numbers("weights.csv", "row,A,B", 1)) {
            assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(2e-6));
            assertThat(weights[0]).isBetween(0.0, 1.0);
        }
        assertThat(folder.resolve("run/equity.png")).exists();
        CommandLineRun next = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(next.out()).startsWith("row,A,B\n2013-05,0.");
    }

    @Test
    void portfoliosAreOfSeveralAssets() throws IOException {
        Path data = data(HEADER, rows(120));
        requireUsage(
                train("portfolio", data, "--assets", "B"),
                data + ": expected at least 2 assets for a portfolio, got B");
    }

    /** A row for each asset and date, assets of different lengths: what they have in common is read, under the names of the assets. */
    @Test
    void assetsMayStandInAColumn() throws IOException {
        List<String> rows = new ArrayList<>();
        for (String row : rows(160)) {
            String[] fields = row.split(",");
            rows.add("A," + fields[0] + "," + fields[1]);
            if (rows.size() > 30) {
                rows.add("B," + fields[0] + "," + fields[2]);
            }
        }
        Path data = data("asset,date,price", rows);
        CommandLineRun run = train("price", data, "--asset-column", "asset", "--asset", "B");
        assertThat(run.out()).contains("returns of A, B");
        CommandLineRun next = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(next.out()).startsWith("row,actual,forecast,price\n2013-05,,");
    }
}
