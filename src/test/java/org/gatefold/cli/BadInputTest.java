package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.op.plan.Choice;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every failure is one line that says what to do, with the right exit code. */
class BadInputTest {
    @TempDir
    private Path folder;

    private CommandLineRun forecast(Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train", "forecast", "--data", data.toString(), "--window", "4", "--hidden", "2", "--epochs", "1"));
        if (!Arrays.asList(more).contains("--out")) {
            arguments.addAll(List.of("--out", folder.resolve("run").toString()));
        }
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private Path csv(String text) throws IOException {
        return Files.writeString(folder.resolve("data.csv"), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--window 0|--window: expected at least 1, got 0",
                "--window -3|--window: expected at least 1, got -3",
                "--horizon 0|--horizon: expected at least 1, got 0",
                "--hidden -1|--hidden: expected at least 1, got -1",
                "--layers 0|--layers: expected 1 to 1000, got 0",
                "--layers 1001|--layers: expected 1 to 1000, got 1001",
                "--dropout 1|--dropout: expected 0 to below 1, got 1.0",
                "--epochs 0|--epochs: expected at least 1, got 0",
                "--batch -2|--batch: expected at least 1, got -2",
                "--lr 0|--lr: expected a number above 0, got 0.0",
                "--lr NaN|--lr: expected a number above 0, got NaN",
                "--weight-decay -1|--weight-decay: expected a number of at least 0, got -1.0",
                "--clip 0|--clip: expected a number above 0, got 0.0",
                "--validation 1|--validation: expected a share of 0 to below 1, got 1.0",
                "--average 1|--average: expected 0 to below 1, got 1.0",
                "--patience 0|--patience: expected at least 1, got 0",
                "--seasonal-diff 0|--seasonal-diff: expected at least 1, got 0",
                "--train-rows 40|training rows: expected 1 to 39 of the 40 rows, got 40",
                "--train-share 1.5|training rows: expected 1 to 39 of the 40 rows, got 60",
                "--members 101|--members: expected 1 to 100, got 101",
                "--period 1|--period: expected at least 2, got 1",
                "--log --sqrt|expected --log or --sqrt, got both",
                "--train-rows 9 --train-share 0.5|expected --train-rows or --train-share, got both",
                "--calendar|calendar features: expected a column of dates; name it with --date-column",
                "--window 4 --hidden 200000|--hidden 200000 --layers 1: parameters: expected at most 2147483647 numbers, with the"
                        + " padding between parameters, got 160001800064",
                "--window 4 --hidden 2000000000|--hidden 2000000000 --layers 1: layer 'lstm': units: expected at most 536870911,"
                        + " got 2000000000",
            })
    void wrongSizesAreUsageErrors(String options, String complaint) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--column", "value"));
        // Given twice, an option would be refused for that.
        List<String> base = new ArrayList<>(List.of(
                "train",
                "forecast",
                "--data",
                CommandLineRun.seasons(folder, 40).toString(),
                "--out",
                folder.resolve("run").toString()));
        base.addAll(arguments);
        base.addAll(List.of(options.split(" ")));
        CommandLineRun run = CommandLineRun.of(base.toArray(String[]::new));
        assertThat(run.complaint()).isEqualTo("gatefold: " + complaint + " (see: gatefold train forecast --help)");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train forecast --foo|Unknown option: '--foo'",
                "train forecast --window many|--window: expected a whole number of 32 bits, got 'many'",
                "train|expected what to train: audio or classify or forecast",
                "''|expected a command: train, predict, generate, info, convert, devices or doctor",
                "predict|Missing required",
                "frobnicate|Unmatched argument at index 0: 'frobnicate'",
            })
    void wrongUsageNamesTheHelp(String arguments, String complaint) {
        CommandLineRun run = CommandLineRun.of(arguments.isEmpty() ? new String[0] : arguments.split(" "));
        assertThat(run.complaint()).startsWith("gatefold: " + complaint).endsWith("--help)");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "", "x", "-inf"})
    void numbersThatAreNoneNameFileLineAndColumn(String field) throws IOException {
        Path data = csv("month,value\n" + "2000-01,1\n".repeat(20) + "2000-02," + field + "\n");
        CommandLineRun run = forecast(data, "--column", "value");
        assertThat(run.complaint()).startsWith("gatefold: " + data + ", line 22, column 'value': expected a ");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void aMissingColumnListsThoseThatThereAre() throws IOException {
        Path data = csv("month,value\n" + "2000-01,1\n".repeat(20));
        assertThat(forecast(data, "--column", "price").complaint())
                .isEqualTo("gatefold: " + data + " has no column 'price'; its columns are month, value");
        Path two = csv("month,a,b\n2000-01,1,2\n");
        assertThat(forecast(two).complaint())
                .isEqualTo("gatefold: " + two
                        + ": name the column to forecast with --column; its columns are month, a, b");
    }

    @Test
    void tooFewRowsSayHowManyAreNeeded() throws IOException {
        Path data = CommandLineRun.seasons(folder, 6);
        assertThat(forecast(data, "--column", "value", "--train-rows", "4").complaint())
                .isEqualTo("gatefold: " + data
                        + ": expected at least 5 training rows for an example (window 4, horizon 1, scaling standard),"
                        + " got 4");
        CommandLineRun.seasons(folder, 7);
        assertThat(forecast(data, "--column", "value", "--train-rows", "6", "--horizon", "2")
                        .complaint())
                .isEqualTo("gatefold: " + data + ": expected at least 2 test rows, got 1");
    }

    @Test
    void aWindowBeyondAllTablesIsCountedRight() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "train",
                "forecast",
                "--data",
                CommandLineRun.seasons(folder, 40).toString(),
                "--column",
                "value",
                "--window",
                "2147483647",
                "--out",
                folder.resolve("run").toString());
        assertThat(run.complaint()).contains(": expected at least 2147483648 training rows for an example (");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void valuesOutsideATransformsDomainNameTheRow() throws IOException {
        Path data = csv("value\n" + "1\n".repeat(9) + "0\n" + "1\n".repeat(10));
        assertThat(forecast(data, "--log").complaint())
                .isEqualTo("gatefold: logarithm: expected positive values, got 0.0 at row 10; the square root takes"
                        + " zeros too");
    }

    @Test
    void aMissingFileIsNamed() {
        Path none = folder.resolve("none.csv");
        assertThat(forecast(none).complaint()).isEqualTo("gatefold: cannot read " + none + ": no such file");
        assertThat(CommandLineRun.of("info", none.toString()).complaint())
                .isEqualTo("gatefold: " + none + ": no such file or folder");
        assertThat(CommandLineRun.of("predict", folder.toString(), "--data", none.toString())
                        .complaint())
                .isEqualTo("gatefold: " + folder
                        + " holds no model.safetensors; its run did not finish, --resume goes on with it");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        Path file = Files.writeString(folder.resolve("file"), "");
        CommandLineRun run = forecast(data, "--column", "value", "--out", file.toString());
        assertThat(run.complaint()).isEqualTo("gatefold: cannot make the folder " + file + ": it is a file");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void aFullDiskIsNamed() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
        Path data = CommandLineRun.seasons(folder, 40);
        forecast(data, "--column", "value");
        CommandLineRun run = CommandLineRun.of(
                "predict", folder.resolve("run").toString(), "--data", data.toString(), "--out", full.toString());
        assertThat(run.complaint()).isEqualTo("gatefold: cannot write /dev/full: No space left on device");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void anExistingRunIsNotOverwritten() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        assertThat(forecast(data, "--column", "value").exitCode()).isZero();
        assertThat(forecast(data, "--column", "value").complaint())
                .isEqualTo("gatefold: " + folder.resolve("run")
                        + " holds a run already; go on with it by --resume, or choose another --out");
    }

    @Test
    void damagedModelsAreRefused() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        forecast(data, "--column", "value");
        byte[] model = Files.readAllBytes(folder.resolve("run/model.safetensors"));
        for (int length : new int[] {0, 5, 100, model.length / 2, model.length - 1}) {
            Path cut = folder.resolve("cut.safetensors");
            Files.write(cut, Arrays.copyOf(model, length));
            CommandLineRun run = CommandLineRun.of("predict", cut.toString(), "--data", data.toString());
            assertThat(run.complaint()).startsWith("gatefold: model " + cut + ": ");
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void aModelForOtherDataIsRefused() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        forecast(data, "--column", "value", "--features", "other");
        Path other = csv("month,value\n" + "2000-01,1\n".repeat(20));
        CommandLineRun run = CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", other.toString());
        assertThat(run.complaint())
                .isEqualTo("gatefold: " + other + " has no column 'other'; its columns are month, value");
        Path shorter = Files.writeString(folder.resolve("short.csv"), "value,other\n1,2\n");
        assertThat(CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", shorter.toString())
                        .complaint())
                .isEqualTo(
                        "gatefold: " + shorter
                                + ": expected at least 4 rows before the one to be answered (window 4, horizon 1, scaling standard), got 1");
    }

    @Test
    void aDamagedCheckpointIsRefused() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        forecast(data, "--column", "value");
        Path run = folder.resolve("run");
        Files.delete(run.resolve("metrics.json"));
        try (var files = Files.list(run.resolve("checkpoint-forecast"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".safetensors"))
                    .toList()) {
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
            }
        }
        CommandLineRun resumed = CommandLineRun.of("train", "forecast", "--resume", "--out", run.toString());
        assertThat(resumed.complaint()).startsWith("gatefold: checkpoint " + run);
        assertThat(resumed.exitCode()).isEqualTo(1);
    }

    @Test
    void runsOfAnotherKindAreNotResumed() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        forecast(data, "--column", "value");
        assertThat(CommandLineRun.of(
                                "train",
                                "image",
                                "--resume",
                                "--out",
                                folder.resolve("run").toString())
                        .complaint())
                .isEqualTo("gatefold: " + folder.resolve("run")
                        + " holds no checkpoint of a run of 'train image'; it may be a run of another kind");
        assertThat(CommandLineRun.of("train", "forecast", "--resume", "--out", folder.toString())
                        .complaint())
                .isEqualTo("gatefold: " + folder + " holds no run to go on with; leave out --resume to begin one");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void anUnknownImplementationListsThoseThatThereAre() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        String before = System.getProperty(Choice.PROPERTY);
        System.setProperty(Choice.PROPERTY, "recurrent:abacus");
        try {
            CommandLineRun run = forecast(data, "--column", "value");
            assertThat(run.complaint())
                    .startsWith("gatefold: -Dgatefold.use: expected recurrent: and one of [")
                    .endsWith("got 'abacus'");
            assertThat(run.exitCode()).isEqualTo(1);
        } finally {
            if (before == null) {
                System.clearProperty(Choice.PROPERTY);
            } else {
                System.setProperty(Choice.PROPERTY, before);
            }
        }
    }

    @Test
    void anUnknownDeviceListsThoseThatThereAre() throws IOException {
        Path data = CommandLineRun.seasons(folder, 40);
        assertThat(forecast(data, "--column", "value", "--device", "abacus").complaint())
                .startsWith("gatefold: device: expected one of [")
                .endsWith("got 'abacus'");
    }

    @Test
    void debugShowsWhereItHappened() {
        CommandLineRun run =
                CommandLineRun.of("--debug", "info", folder.resolve("none").toString());
        assertThat(run.err()).contains("gatefold: ", "\tat org.gatefold.cli.");
    }
}
