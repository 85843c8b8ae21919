package org.gatefold.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of the command line within the test's process.
 *
 * @param exitCode what the process would have ended with
 * @param out what was printed as results
 * @param err what was printed as progress and complaints
 */
public record CommandLineRun(int exitCode, String out, String err) {
    public static CommandLineRun of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                arguments);
        return new CommandLineRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Arguments that train a forecast of the column {@code value}; a list that more can be added to. */
    public static List<String> forecast(Path data, Path run, int window, int hidden, String... more) {
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--column", "value"));
        arguments.addAll(List.of("--data", data.toString(), "--out", run.toString()));
        arguments.addAll(List.of("--window", Integer.toString(window), "--hidden", Integer.toString(hidden)));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Trains a small model of a recipe: four hidden units, in {@code epochs} passes. */
    public static CommandLineRun train(String recipe, Path data, Path run, int epochs, String... more) {
        List<String> arguments = new ArrayList<>(List.of("train", recipe, "--hidden", "4"));
        arguments.addAll(List.of("--data", data.toString(), "--out", run.toString()));
        arguments.addAll(List.of("--epochs", Integer.toString(epochs)));
        arguments.addAll(List.of(more));
        return of(arguments.toArray(String[]::new));
    }

    /** Goes on with a run that trains a forecast, on the reference. */
    public static CommandLineRun resumed(Path run, String... more) {
        List<String> arguments = new ArrayList<>(List.of("train", "forecast", "--resume", "--device", "reference"));
        arguments.addAll(List.of("--out", run.toString()));
        arguments.addAll(List.of(more));
        return of(arguments.toArray(String[]::new));
    }

    /** The complaint of a failed run: its only line that names the program. */
    public String complaint() {
        List<String> lines = new ArrayList<>();
        err.lines().filter(line -> line.startsWith("gatefold: ")).forEach(lines::add);
        if (lines.size() != 1 || err.contains("\tat ")) {
            throw new AssertionError("expected one line of complaint, got: " + err);
        }
        return lines.get(0);
    }

    /** A rising season of 12 rows in months, 60 rows by default. */
    public static Path seasons(Path folder, int rows) throws IOException {
        StringBuilder text = new StringBuilder("month,value,other\n");
        for (int row = 0; row < rows; row++) {
            double value = 50 + 0.5 * row + 10 * Math.sin(2 * Math.PI * row / 12) + row % 5;
            text.append(String.format(
                    java.util.Locale.ROOT, "%d-%02d,%.3f,%d%n", 1990 + row / 12, 1 + row % 12, value, row % 7));
        }
        return Files.writeString(folder.resolve("seasons.csv"), text);
    }

    /** The training loss of every epoch of a run. */
    public static List<Double> losses(Path run) throws IOException {
        return Files.readAllLines(run.resolve("history.csv")).stream()
                .skip(1)
                .map(line -> Double.valueOf(line.split(",", -1)[1]))
                .toList();
    }

    public static JsonObject json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }
}
