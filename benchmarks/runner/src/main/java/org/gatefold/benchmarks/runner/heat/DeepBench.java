package org.gatefold.benchmarks.runner.heat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Placement;

/**
 * The LSTM and GRU layers of DeepBench, by names such as {@code lstm-H512-B16-T25}, with its figures for a V100. Input and units are as
 * many. Its figures leave out the product with the input. Stateless.
 */
public final class DeepBench {
    /** Means all of them on the command line. */
    static final String NAME = "deepbench";

    private static final int FIGURES = 4;
    private static final int PASSES = 3;

    private static final Map<String, List<String>> ROWS = read();

    private DeepBench() {}

    private static Map<String, List<String>> read() {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                        DeepBench.class.getResourceAsStream("deepbench.tsv"), StandardCharsets.UTF_8));
                Stream<String> lines = reader.lines()) {
            lines.filter(line -> line.startsWith("LSTM") || line.startsWith("GRU"))
                    .map(line -> List.of(line.split("\t")))
                    .forEach(row -> rows.put(
                            row.get(0).toLowerCase(Locale.ROOT) + "-H" + row.get(1) + "-B" + row.get(2) + "-T"
                                    + row.get(3),
                            row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    /** By name and in DeepBench's order. */
    static Map<String, LayerShape> shapes() {
        Map<String, LayerShape> shapes = new LinkedHashMap<>();
        ROWS.forEach((name, row) -> {
            int hidden = Integer.parseInt(row.get(1));
            shapes.put(
                    name,
                    new LayerShape(
                            Cell.valueOf(row.get(0)),
                            Integer.parseInt(row.get(3)),
                            Integer.parseInt(row.get(2)),
                            hidden,
                            hidden,
                            1,
                            1,
                            false));
        });
        return shapes;
    }

    /** Published milliseconds of a heat; empty where there are none. */
    public static OptionalDouble publishedMillis(Heat heat) {
        List<String> row = ROWS.get(heat.shapeName());
        int first;
        switch (heat.precision().orElse(Placement.Precision.BF16)) {
            case F32 -> first = FIGURES;
            case F16 -> first = FIGURES + PASSES;
            default -> {
                return OptionalDouble.empty();
            }
        }
        if (row == null) {
            return OptionalDouble.empty();
        }
        return switch (heat.pass()) {
            case INFERENCE -> OptionalDouble.of(Double.parseDouble(row.get(first)));
            case TRAINING_PASS ->
                OptionalDouble.of(row.subList(first, first + PASSES).stream()
                        .mapToDouble(Double::parseDouble)
                        .sum());
            case TRAINING_STEP -> OptionalDouble.empty();
        };
    }
}
