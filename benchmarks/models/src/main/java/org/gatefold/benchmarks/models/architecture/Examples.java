package org.gatefold.benchmarks.models.architecture;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;

/**
 * Rows to train on. Nothing in them is to be learnt but how often something comes; the time of a step does not depend on that.
 *
 * @param classes {@code [row][step]}, of a class of each row one step; null of numbers
 * @param numbers {@code [row][1]}; null of classes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Examples(Wanted wanted, List<Input> inputs, int[][] classes, float[][] numbers) {
    static Examples of(Wanted wanted, Input input, int outputs) {
        int rows = input.ids() == null ? input.numbers().length : input.ids().length;
        int steps = wanted == Wanted.CLASSES ? input.size().steps() : 1;
        return new Examples(
                wanted,
                List.of(input),
                wanted == Wanted.NUMBER ? null : Input.draw(3, rows, steps, 0, outputs),
                wanted == Wanted.NUMBER
                        ? Arrays.stream(Input.ofNumbers("numbers", Size.row(outputs), rows)
                                        .numbers())
                                .map(row -> row[0])
                                .toArray(float[][]::new)
                        : null);
    }

    /** As Gatefold takes them. */
    public Dataset dataset() {
        Dataset set = Dataset.of(inputs.stream().map(Input::column).toArray(Column[]::new));
        return switch (wanted) {
            case CLASS ->
                set.withLabels(Arrays.stream(classes).mapToInt(row -> row[0]).toArray());
            case CLASSES -> set.withStepLabels(classes);
            case NUMBER -> set.withTargets(numbers);
        };
    }

    /** What libtorch's losses compare with: classes {@code [T · B]} or {@code [B]}, numbers {@code [B, C]}. */
    public Tensor answers(int from, int rows) {
        if (wanted != Wanted.NUMBER) {
            return Tensor.create(Input.stepsFirst(classes, from, rows));
        }
        int width = numbers[0].length;
        float[] all = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(numbers[from + row], 0, all, row * width, width);
        }
        return Tensor.create(all, rows, width);
    }
}
