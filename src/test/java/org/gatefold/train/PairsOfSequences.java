package org.gatefold.train;

import java.util.Random;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;

/** Two sequences of 2 to 5 random numbers a row, the sum of all numbers of both, and which of the two has the larger sum. */
public final class PairsOfSequences {
    /** {@code [row][step]}. */
    public final float[][] left;

    /** {@code [row][step]}. */
    public final float[][] right;

    /** A sum for each row. */
    public final float[] totals;

    /** 1 where the right sequence has the larger sum, else 0. */
    public final int[] sides;

    private PairsOfSequences(float[][][] numbers, float[] totals, int[] sides) {
        this.left = numbers[0];
        this.right = numbers[1];
        this.totals = totals;
        this.sides = sides;
    }

    public static PairsOfSequences random(int rows, long seed) {
        Random random = new Random(seed);
        float[][][] numbers = new float[2][rows][];
        float[] totals = new float[rows];
        int[] sides = new int[rows];
        for (int row = 0; row < rows; row++) {
            float[] sums = new float[2];
            for (int side = 0; side < 2; side++) {
                numbers[side][row] = new float[2 + random.nextInt(4)];
                for (int t = 0; t < numbers[side][row].length; t++) {
                    numbers[side][row][t] = random.nextFloat() - 0.5f;
                    sums[side] += numbers[side][row][t];
                }
            }
            totals[row] = sums[0] + sums[1];
            sides[row] = sums[1] > sums[0] ? 1 : 0;
        }
        return new PairsOfSequences(numbers, totals, sides);
    }

    /** Inputs {@code left} and {@code right}, targets {@code total} and {@code side}. */
    public Dataset dataset() {
        return Dataset.of(Column.numbers("left", left), Column.numbers("right", right))
                .withTarget(Column.numbers("total", totals))
                .withTarget(Column.labels("side", sides));
    }
}
