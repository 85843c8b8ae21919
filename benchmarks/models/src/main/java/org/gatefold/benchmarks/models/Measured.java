package org.gatefold.benchmarks.models;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.gatefold.benchmarks.models.architecture.WholeModel;

/**
 * What came of a model: for every round the seconds of an update, of libtorch's fastest layout, of Gatefold's recurrent layers by themselves,
 * and of the model's products at the rate of a large one.
 *
 * @param layout of libtorch
 * @param loss the first
 */
record Measured(
        WholeModel model,
        List<Double> gatefold,
        List<Double> libtorch,
        String layout,
        List<Double> recurrent,
        List<Double> products,
        double loss) {
    /** What is to be reached: so many times as fast as libtorch, or so much of the rate of a large product. */
    static final double TIMES = 2;

    static final double SHARE = 0.85;

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private double medianOfRounds(IntToDoubleFunction ofRound) {
        return median(
                IntStream.range(0, gatefold.size()).mapToDouble(ofRound).boxed().toList());
    }

    /** libtorch's time to Gatefold's. */
    double ratio() {
        return medianOfRounds(i -> libtorch.get(i) / gatefold.get(i));
    }

    /** The share of Gatefold's time that the products need. */
    double limit() {
        return medianOfRounds(i -> products.get(i) / gatefold.get(i));
    }

    double limitOfLibtorch() {
        return medianOfRounds(i -> products.get(i) / libtorch.get(i));
    }

    /** The share of Gatefold's time outside recurrent layers. */
    double outside() {
        return medianOfRounds(i -> 1 - recurrent.get(i) / gatefold.get(i));
    }

    /** How much of what is to be reached is: 1 where it is. */
    double reached() {
        return Math.max(ratio() / TIMES, limit() / SHARE);
    }
}
