package org.gatefold.exchange.keras;

import java.util.List;

/** How many steps layers of Keras' give, where it is known how many they read. Stateless. */
final class KerasSteps {
    private KerasSteps() {}

    /**
     * Steps of what a layer gives, where that is a sequence.
     *
     * @param steps of what it reads; 0 for a number that is left open
     * @param padding zeros before and behind the steps; empty for none
     * @return 0 where the number is left open
     */
    static int behind(KerasConfig config, int steps, List<Integer> padding) {
        return switch (config.type()) {
            case "RepeatVector" -> config.integer("n");
            case "Embedding" -> steps == 0 && config.has("input_length") ? first(config, "input_length", 0) : steps;
            case "Conv1D" ->
                windows(
                        config,
                        steps,
                        padding,
                        first(config, "dilation_rate", 1) * (first(config, "kernel_size", 1) - 1) + 1,
                        first(config, "strides", 1));
            case "MaxPooling1D", "AveragePooling1D" -> {
                int window = first(config, "pool_size", 2);
                yield windows(config, steps, padding, window, first(config, "strides", window));
            }
            default -> steps;
        };
    }

    private static int first(KerasConfig config, String option, int usual) {
        return config.integers(option, 1, usual).get(0);
    }

    private static int windows(KerasConfig config, int steps, List<Integer> padding, int span, int stride) {
        if (steps == 0) {
            return 0;
        }
        if (!config.text("padding", "valid").equals("valid")) {
            return (steps + stride - 1) / stride;
        }
        int whole = steps + padding.stream().mapToInt(Integer::intValue).sum();
        if (whole < span) {
            throw config.refused("reads " + span + " steps at once, of which there are " + whole);
        }
        return (whole - span) / stride + 1;
    }
}
