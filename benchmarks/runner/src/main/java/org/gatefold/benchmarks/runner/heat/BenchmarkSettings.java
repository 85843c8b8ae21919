package org.gatefold.benchmarks.runner.heat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;

/**
 * What the command line asked for.
 *
 * @param home the folder benchmarks/
 * @param output where tables, JSON, chart and logs go
 * @param device what is measured instead of the host
 * @param contestants names, or empty for all
 * @param shapes by name
 * @param passes what to measure
 * @param threads of every contestant
 * @param rounds how often the turn goes round
 * @param turnMillis timed milliseconds of one turn
 * @param quietSeconds how long to wait for a quiet machine at most
 * @param start whether to measure the time from JVM start to first result
 * @param sweep whether to measure cost over T, B and layers
 * @param compare whether to measure the shapes
 * @param checkOnly whether to check the results on the shapes and measure nothing
 */
public record BenchmarkSettings(
        Path home,
        Path output,
        Optional<DeviceChoice> device,
        List<String> contestants,
        Map<String, LayerShape> shapes,
        Set<Pass> passes,
        int threads,
        int rounds,
        int turnMillis,
        int quietSeconds,
        boolean start,
        boolean sweep,
        boolean compare,
        boolean checkOnly) {

    public static final String USAGE = """
            usage: ci/bench [options]
              --device cuda:0     measure a GPU: its contestants, each in every precision, timed by its events
              --simulated         the simulated GPU of target/native/simulator: launches, bytes and products, no times
              --precisions p,q    on a device: F32, TF32, F16, BF16; default: all
              --product N         on a device: rows and columns of the matrix product that percentages refer to; default 8192
              --contestants a,b   of those that --list prints; default: all
              --shapes S1,S2      default: S1 to S8, on the simulated GPU the tiny ones; lists of names, of which "deepbench"
                                  stands for all of DeepBench, or of sizes such as T64,B32,I128,H256,L1,D1,S0 joined by +
              --passes p,q        inference, fwd+bwd, train-step; default: all
              --threads N         threads of every contestant; default 2
              --rounds N          turns of every contestant; default 10
              --turn-ms N         timed milliseconds of one turn; default 150
              --quick             3 rounds of 50 ms, no start times, no sweep
              --quiet-wait N      seconds to wait for a quiet machine at most; default 600
              --no-start          leave out the time from JVM start to first result
              --no-sweep          leave out the sweep over T, B and layers
              --check             check the results on all shapes and measure nothing
              --only-start        nothing but the start times
              --only-sweep        nothing but the sweep
              --output DIR        default: benchmarks/target/results
              --no-build          take the library and the benchmarks as they were built last
              --list              print the contestants, those on a device behind --device cuda:0, and end
            """;

    /** Whether a named shape is measured in a pass; shapes of the user's are measured in all. */
    static boolean applies(String shape, Pass pass) {
        return switch (pass) {
            case INFERENCE -> true;
            case TRAINING_PASS -> !shape.equals("S5") && !shape.equals("S7");
            case TRAINING_STEP ->
                shape.equals("S2")
                        || shape.equals("S6")
                        || shape.startsWith("T")
                        || NamedShapes.tiny().containsKey(shape);
        };
    }

    public static BenchmarkSettings parse(Path home, List<String> arguments) {
        Path output = home.resolve("target/results");
        List<String> contestants = new ArrayList<>();
        String device = "";
        boolean simulated = false;
        Set<Placement.Precision> precisions = EnumSet.allOf(Placement.Precision.class);
        int product = DeviceChoice.PRODUCT_SIZE;
        Map<String, LayerShape> shapes = null;
        Set<Pass> passes = EnumSet.allOf(Pass.class);
        int threads = 2;
        int rounds = 10;
        int turnMillis = 150;
        int quietSeconds = 600;
        boolean start = true;
        boolean sweep = true;
        boolean compare = true;
        boolean checkOnly = false;
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            switch (option) {
                case "--quick" -> {
                    rounds = 3;
                    turnMillis = 50;
                    start = false;
                    sweep = false;
                }
                case "--no-start" -> start = false;
                case "--no-sweep" -> sweep = false;
                case "--check" -> checkOnly = true;
                case "--simulated" -> simulated = true;
                case "--only-start" -> {
                    sweep = false;
                    compare = false;
                }
                case "--only-sweep" -> {
                    start = false;
                    compare = false;
                }
                default -> {
                    i++;
                    if (i == arguments.size()) {
                        throw new IllegalArgumentException(option + ": unknown, or its value is missing");
                    }
                    String value = arguments.get(i);
                    switch (option) {
                        case "--device" -> device = value;
                        case "--product" -> product = positive(option, value);
                        case "--precisions" -> precisions = precisions(value);
                        case "--contestants" -> contestants = List.of(value.split(","));
                        case "--shapes" -> shapes = shapes(value);
                        case "--passes" -> passes = passes(value);
                        case "--threads" -> threads = positive(option, value);
                        case "--rounds" -> rounds = positive(option, value);
                        case "--turn-ms" -> turnMillis = positive(option, value);
                        case "--quiet-wait" -> quietSeconds = Integer.parseInt(value);
                        case "--output" -> output = Path.of(value);
                        default -> throw new IllegalArgumentException(option + ": unknown option");
                    }
                }
            }
        }
        if (device.isEmpty() && (simulated || precisions.size() < Placement.Precision.values().length)) {
            throw new IllegalArgumentException("--simulated and --precisions are for a --device");
        }
        Optional<DeviceChoice> chosenDevice = device.isEmpty()
                ? Optional.empty()
                : Optional.of(new DeviceChoice(device, simulated ? simulator(home) : null, precisions, product));
        if (shapes == null) {
            shapes = simulated ? NamedShapes.tiny() : NamedShapes.all();
        }
        return new BenchmarkSettings(
                home,
                output,
                chosenDevice,
                contestants,
                shapes,
                passes,
                threads,
                rounds,
                turnMillis,
                quietSeconds,
                // Neither says anything of a device.
                start && device.isEmpty(),
                sweep && device.isEmpty(),
                compare,
                checkOnly);
    }

    private static int positive(String option, String value) {
        int number = Integer.parseInt(value);
        if (number < 1) {
            throw new IllegalArgumentException(option + ": expected at least 1, got " + number);
        }
        return number;
    }

    private static Path simulator(Path home) {
        return home.resolveSibling("target/native/simulator").toAbsolutePath().normalize();
    }

    private static Map<String, LayerShape> shapes(String list) {
        Map<String, LayerShape> chosen = new LinkedHashMap<>();
        if (list.startsWith("T")) {
            for (String sizes : list.split("\\+")) {
                chosen.put(sizes, LayerShape.parse(sizes));
            }
            return chosen;
        }
        Map<String, LayerShape> named = NamedShapes.all();
        named.putAll(NamedShapes.tiny());
        named.putAll(DeepBench.shapes());
        for (String name : list.split(",")) {
            if (name.equals(DeepBench.NAME)) {
                chosen.putAll(DeepBench.shapes());
            } else if (named.containsKey(name)) {
                chosen.put(name, named.get(name));
            } else {
                throw new IllegalArgumentException("--shapes: expected " + DeepBench.NAME + " or some of "
                        + named.keySet() + ", got '" + name + "'");
            }
        }
        return chosen;
    }

    private static Set<Placement.Precision> precisions(String list) {
        Set<Placement.Precision> chosen = EnumSet.noneOf(Placement.Precision.class);
        for (String name : list.split(",")) {
            try {
                chosen.add(Placement.Precision.valueOf(name));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "--precisions: expected some of " + EnumSet.allOf(Placement.Precision.class) + ", got '" + name
                                + "'",
                        e);
            }
        }
        return chosen;
    }

    private static Set<Pass> passes(String list) {
        Set<Pass> chosen = EnumSet.noneOf(Pass.class);
        for (String label : list.split(",")) {
            chosen.add(Pass.ofLabel(label));
        }
        return chosen;
    }
}
