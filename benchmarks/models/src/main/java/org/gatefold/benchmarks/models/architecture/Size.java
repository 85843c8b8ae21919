package org.gatefold.benchmarks.models.architecture;

import java.util.Arrays;
import java.util.List;
import org.gatefold.tensor.Form;

/**
 * What one row of a batch consists of somewhere in a model. Immutable.
 *
 * @param steps of a sequence; 0 where a row is no sequence
 * @param dimensions of a step or a row; none of ids
 */
public record Size(int steps, List<Integer> dimensions) {
    static Size ids(int steps) {
        return new Size(steps, List.of());
    }

    static Size sequence(int steps, int... dimensions) {
        return new Size(steps, Arrays.stream(dimensions).boxed().toList());
    }

    static Size row(int... dimensions) {
        return sequence(0, dimensions);
    }

    boolean consistsOfIds() {
        return dimensions.isEmpty();
    }

    /** Of a row that is no sequence: one. */
    int count() {
        return Math.max(1, steps);
    }

    /** Numbers of a step or a row. */
    int features() {
        return dimensions.stream().reduce(1, Math::multiplyExact);
    }

    /** Of the same steps. */
    Size with(int... changed) {
        return sequence(steps, changed);
    }

    /** As Gatefold calls it. */
    Form form() {
        int[] all = dimensions.stream().mapToInt(Integer::intValue).toArray();
        if (consistsOfIds()) {
            return Form.tokens();
        }
        return steps == 0 ? Form.rows(all) : Form.sequences(all);
    }
}
