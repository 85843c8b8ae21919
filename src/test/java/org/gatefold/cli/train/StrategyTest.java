package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.table.CsvTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several rows that are forecast one after the other. */
class StrategyTest {
    private static final int ROWS = 60;

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void seasons() throws IOException {
        data = CommandLineRun.seasons(folder, ROWS);
    }

    private CommandLineRun train(String out, Path of, String... more) {
        List<String> arguments = CommandLineRun.forecast(of, folder.resolve(out), 6, 4, "--epochs", "3");
        arguments.addAll(List.of("--device", "reference"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private List<String> predict(String run, Path of, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("predict", folder.resolve(run).toString(), "--device", "reference"));
        arguments.addAll(List.of("--data", of.toString()));
        arguments.addAll(List.of(more));
        CommandLineRun answered = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(answered.exitCode()).as(answered.err()).isZero();
        return answered.out().lines().skip(1).toList();
    }

    private static double forecast(String line) {
        return Double.parseDouble(line.split(",", -1)[3]);
    }

    /** The rows with a forecast of the one behind, as if it had come. */
    private Path with(double value, int more) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.add(String.format(Locale.ROOT, "1995-01,%s,0", value));
        return Files.write(folder.resolve("more" + more + ".csv"), lines);
    }

    @Test
    void eachForecastIsReadAsIfItHadCome() throws IOException {
        CommandLineRun run = train("run", data, "--horizon", "2", "--strategy", "recursive", "--alone");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("horizon 2, scaling standard, row by row");
        List<String> two = predict("run", data);
        assertThat(two).hasSize(2);
        double second = forecast(predict("run", with(forecast(two.get(0)), 1)).get(0));
        assertThat(forecast(two.get(1))).isEqualTo(second, within(1e-4));
    }

    /** One row ahead the two strategies are the same network. */
    @Test
    void theFirstRowIsThatOfAHorizonOfOne() throws IOException {
        train("one", data, "--train-rows", "48", "--validation", "0");
        train("same", data, "--train-rows", "48", "--validation", "0", "--strategy", "recursive");
        assertThat(folder.resolve("same/forecast.csv")).hasSameTextualContentAs(folder.resolve("one/forecast.csv"));
    }

    @Test
    void theTestPartIsForecastRowByRowAndGoneOnWith() throws IOException {
        CommandLineRun run = train("run", data, "--horizon", "3", "--strategy", "recursive", "--members", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        CsvTable forecast = CsvTable.read(folder.resolve("run/forecast.csv"));
        assertThat(forecast.rows()).isEqualTo(3 * 10);
        List<String> walked = predict("run", data, "--walk-forward");
        double[] own = forecast.numbers("forecast");
        for (int i = 0; i < own.length; i++) {
            assertThat(forecast(walked.get(3 * (48 - 6) + i))).isEqualTo(own[i], within(1e-3));
        }
        String kept = Files.readString(folder.resolve("run/forecast.csv"));
        Files.delete(folder.resolve("run/metrics.json"));
        assertThat(CommandLineRun.resumed(folder.resolve("run")).exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("run/forecast.csv"))).isEqualTo(kept);
    }

    @Test
    void severalSeriesAndColumnsWithWhatIsKnownAreForecastSo() throws IOException {
        StringBuilder text = new StringBuilder("shop,value,price,day,known\n");
        for (int row = 0; row < 43; row++) {
            for (int shop = 1; shop < 3; shop++) {
                String value = row < 40 ? String.valueOf(shop * (10 + row % 5)) : "";
                String price = row < 40 ? String.valueOf(3 + row % 3) : "?";
                text.append(String.format("%d,%s,%s,%d,%d%n", shop, value, price, row, row % 2));
            }
        }
        Path shops = Files.writeString(folder.resolve("shops.csv"), text);
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--column", "value,price"));
        arguments.addAll(List.of(
                "--data", shops.toString(), "--out", folder.resolve("run").toString()));
        arguments.addAll(List.of("--series-column", "shop", "--known", "known", "--missing", "mask", "--window", "5"));
        arguments.addAll(List.of("--horizon", "3", "--strategy", "recursive", "--epochs", "2", "--hidden", "3"));
        CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> next = predict("run", shops);
        assertThat(next).hasSize(2 * 2 * 3);
        assertThat(next.get(0)).startsWith("1,value,+1,1,,");
        assertThat(next.get(11)).startsWith("2,price,+3,3,,");
    }

    @Test
    void whatIsNotKnownOfRowsToComeIsRefused() {
        assertThat(train("run", data, "--horizon", "2", "--strategy", "recursive", "--features", "other")
                        .complaint())
                .isEqualTo("gatefold: --strategy recursive: expected columns that are --known of rows to come, got"
                        + " --features (see: gatefold train forecast --help)");
        assertThat(train("run", data, "--strategy", "both").complaint())
                .startsWith("gatefold: --strategy: expected one of direct, recursive, got 'both'");
    }
}
