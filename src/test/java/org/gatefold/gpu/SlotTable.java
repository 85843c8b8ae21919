package org.gatefold.gpu;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The benchmarks of a results file of {@code ci/gpu-slot} as a table in Markdown, microseconds a step: every implementation
 * of Gatefold that was timed, cuDNN and PyTorch beside them where they were. {@code SlotTable RESULTS.jsonl}.
 */
final class SlotTable {
    private static final Pattern FIELD = Pattern.compile("\\b(cell|steps|batch|inputSize|hiddenSize|precision)=(\\w+)");
    private static final String PYTORCH = "PyTorch";
    private static final String INFERENCE = "inference";
    private static final String TRAINING = "forward + backward";

    /** Behind the names of those who were timed in turns with each other. */
    private static final String PEERS = ", in turns";

    /** Microseconds a step by implementation, of each row by what heads it. */
    private final Map<String, Map<String, Double>> rows = new TreeMap<>();

    private final Set<String> contestants = new TreeSet<>();
    private String card = "";

    private SlotTable() {}

    public static void main(String[] arguments) throws IOException {
        System.out.print(of(Files.readAllLines(Path.of(arguments[0]))));
    }

    /** The table of the lines of a results file. */
    static String of(List<String> lines) {
        SlotTable table = new SlotTable();
        for (String line : lines) {
            JsonObject stage = JsonParser.parseString(line).getAsJsonObject();
            if (!stage.get("values").isJsonObject()) {
                continue;
            }
            JsonObject values = stage.getAsJsonObject("values");
            table.card = stage.get("card").getAsString();
            switch (stage.get("stage").getAsString()) {
                case "benchmark" -> values.getAsJsonArray("benchmark").forEach(table::timed);
                case "peers" -> values.getAsJsonArray("comparisons").forEach(table::compared);
                case "pytorch" -> values.getAsJsonArray("rows").forEach(table::timedByPytorch);
                default -> {}
            }
        }
        return table.text();
    }

    private void timed(JsonElement element) {
        JsonObject row = element.getAsJsonObject();
        Map<String, String> spec = new TreeMap<>();
        Matcher fields = FIELD.matcher(row.get("spec").getAsString());
        while (fields.find()) {
            spec.put(fields.group(1), fields.group(2));
        }
        String head = String.format(
                "%s T%s B%s I%s H%s | %s | %s",
                spec.get("cell"),
                spec.get("steps"),
                spec.get("batch"),
                spec.get("inputSize"),
                spec.get("hiddenSize"),
                spec.get("precision"),
                pass(row));
        put(head, row.get("implementation").getAsString(), row);
    }

    private void timedByPytorch(JsonElement element) {
        JsonObject row = element.getAsJsonObject();
        put(
                "LSTM " + row.get("shape").getAsString() + " | "
                        + row.get("precision").getAsString() + " | " + pass(row),
                PYTORCH,
                row);
    }

    /** One shape and pass of the benchmarks' comparison; Gatefold's implementations are timed by it once more. */
    private void compared(JsonElement element) {
        JsonObject comparison = element.getAsJsonObject();
        if (!comparison.has("results")) {
            return;
        }
        String head = String.format(
                "%s | %s | %s",
                shape(comparison.get("shape").getAsString()),
                comparison.get("precision").getAsString(),
                comparison.get("pass").getAsString().equals("fwd+bwd") ? TRAINING : INFERENCE);
        comparison.getAsJsonObject("results").entrySet().forEach(result -> {
            JsonObject times = new JsonObject();
            times.add("microsecondsPerStep", result.getValue().getAsJsonObject().get("us_per_step"));
            put(head, result.getKey() + PEERS, times);
        });
    }

    /** {@code T64,B32,I128,H256,L1,D1,S0} in words; what a single layer of an LSTM has is not said. */
    private static String shape(String sizes) {
        String cell = sizes.endsWith(",GRU") ? "GRU " : "LSTM ";
        return cell + sizes.replaceAll(",L1|,D1|,S0|,GRU", "").replace(',', ' ');
    }

    private static String pass(JsonObject row) {
        return row.get("mode").getAsString().equals("TRAINING") ? TRAINING : INFERENCE;
    }

    private void put(String head, String contestant, JsonObject row) {
        contestants.add(contestant);
        rows.computeIfAbsent(head, key -> new TreeMap<>())
                .put(contestant, row.get("microsecondsPerStep").getAsDouble());
    }

    private String text() {
        StringBuilder text = new StringBuilder("On " + card + ", microseconds a step:\n\n");
        text.append("| layer | precision | pass |");
        contestants.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|---|---|").append("---|".repeat(contestants.size())).append('\n');
        rows.forEach((head, times) -> {
            double least =
                    times.values().stream().mapToDouble(each -> each).min().orElseThrow();
            text.append("| ").append(head).append(" |");
            contestants.forEach(name ->
                    text.append(' ').append(cell(times.get(name), least)).append(" |"));
            text.append('\n');
        });
        return text.toString();
    }

    /** The fastest of a row stands out. */
    private static String cell(Double time, double least) {
        if (time == null) {
            return "-";
        }
        String figure = String.format(Locale.ROOT, "%.3g", time);
        return time == least ? "**" + figure + "**" : figure;
    }
}
