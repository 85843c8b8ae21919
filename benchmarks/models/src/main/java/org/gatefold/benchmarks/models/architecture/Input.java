package org.gatefold.benchmarks.models.architecture;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.data.Column;

/**
 * An input of a model, all rows of one length, so that no system pads. Immutable as long as nobody writes its arrays.
 *
 * @param ids {@code [row][step]}; null of numbers
 * @param numbers {@code [row][step][feature]}, of rows that are no sequences one step; null of ids
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Input(String name, Size size, int[][] ids, float[][][] numbers) {
    static Input ofIds(String name, int[][] ids) {
        return new Input(name, Size.ids(ids[0].length), ids, null);
    }

    /** Numbers from -1 to 1. */
    static Input ofNumbers(String name, Size size, int rows) {
        SplittableRandom random = new SplittableRandom(11);
        float[][][] numbers = new float[rows][size.count()][size.features()];
        for (float[][] row : numbers) {
            for (float[] step : row) {
                for (int i = 0; i < step.length; i++) {
                    step[i] = (float) random.nextDouble(-1, 1);
                }
            }
        }
        return new Input(name, size, null, numbers);
    }

    /** Ids of a range, the small ones more often, as words are. */
    static int[][] draw(long seed, int rows, int steps, int first, int bound) {
        SplittableRandom random = new SplittableRandom(seed);
        int[][] ids = new int[rows][steps];
        for (int[] row : ids) {
            Arrays.setAll(row, step -> {
                double draw = random.nextDouble();
                return first + (int) ((bound - first) * draw * draw);
            });
        }
        return ids;
    }

    /** As Gatefold reads it. */
    Column column() {
        if (size.consistsOfIds()) {
            return Column.tokens(name, ids);
        }
        int[] dimensions =
                size.dimensions().stream().mapToInt(Integer::intValue).toArray();
        return size.steps() > 0
                ? Column.sequences(name, numbers, dimensions)
                : Column.rows(name, Arrays.stream(numbers).map(row -> row[0]).toArray(float[][]::new), dimensions);
    }

    /**
     * Rows as libtorch reads them: {@code [T, B, …]}, or {@code [B, …]} without steps; of films, all frames as images of one batch.
     *
     * @param layout of images
     */
    public Tensor tensor(int from, int rows, torch.MemoryFormat layout) {
        if (size.consistsOfIds()) {
            return Tensor.create(stepsFirst(ids, from, rows), size.steps(), rows);
        }
        int width = size.features();
        float[] all = new float[size.count() * rows * width];
        for (int step = 0; step < size.count(); step++) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(numbers[from + row][step], 0, all, (step * rows + row) * width, width);
            }
        }
        LongStream outer = isImages() ? LongStream.of((long) size.count() * rows) : outer(rows);
        Tensor made = Tensor.create(
                all,
                LongStream.concat(outer, size.dimensions().stream().mapToLong(Integer::longValue))
                        .toArray());
        return isImages() ? made.contiguous(layout) : made;
    }

    private boolean isImages() {
        return size.dimensions().size() == 3;
    }

    private LongStream outer(int rows) {
        return size.steps() > 0 ? LongStream.of(size.steps(), rows) : LongStream.of(rows);
    }

    /** Step by step for all rows, one after the other. */
    static long[] stepsFirst(int[][] ids, int from, int rows) {
        return IntStream.range(0, ids[0].length)
                .boxed()
                .flatMapToInt(step -> IntStream.range(from, from + rows).map(row -> ids[row][step]))
                .asLongStream()
                .toArray();
    }
}
