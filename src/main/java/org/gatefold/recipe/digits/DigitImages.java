package org.gatefold.recipe.digits;

import java.util.Arrays;
import org.gatefold.data.CsvTable;

/** Images of handwritten digits, 8 by 8 pixels. Immutable as long as nobody writes its arrays. */
public final class DigitImages {
    /** Rows and columns of an image. */
    public static final int SIDE = 8;

    /** Digits. */
    public static final int CLASSES = 10;

    /** The value of a black pixel in files. */
    private static final double MOST = 16;

    private static final int PIXELS = SIDE * SIDE;

    private final String source;
    private final float[][] pixels;
    private final int[] labels;

    DigitImages(String source, float[][] pixels, int[] labels) {
        this.source = source;
        this.pixels = pixels;
        this.labels = labels;
    }

    /**
     * Takes images from a table of 64 pixels 0 to 16 and, if there is one more column, the digit.
     *
     * @throws IllegalArgumentException if the number of columns is another, or a field is no such number
     */
    public static DigitImages of(CsvTable table) {
        int columns = table.names().size();
        if (columns != PIXELS && columns != PIXELS + 1) {
            throw new IllegalArgumentException(table.source() + ": expected " + PIXELS + " columns of pixels, or "
                    + (PIXELS + 1) + " with the digit in the last, got " + columns);
        }
        float[][] pixels = new float[table.rows()][PIXELS];
        for (int column = 0; column < PIXELS; column++) {
            double[] values = wholeNumbers(table, table.names().get(column), 0, (int) MOST);
            for (int row = 0; row < values.length; row++) {
                pixels[row][column] = (float) (values[row] / MOST);
            }
        }
        int[] labels = columns == PIXELS
                ? null
                : Arrays.stream(wholeNumbers(table, table.names().get(PIXELS), 0, CLASSES - 1))
                        .mapToInt(value -> (int) value)
                        .toArray();
        return new DigitImages(table.source(), pixels, labels);
    }

    private static double[] wholeNumbers(CsvTable table, String column, int least, int most) {
        double[] values = table.numbers(column);
        for (int row = 0; row < values.length; row++) {
            if (values[row] < least || values[row] > most || values[row] != Math.rint(values[row])) {
                throw new IllegalArgumentException(table.where(row, column) + ": expected a whole number " + least
                        + " to " + most + ", got " + values[row]);
            }
        }
        return values;
    }

    /** The number of images. */
    public int count() {
        return pixels.length;
    }

    /** Images {@code from} to {@code to - 1}. */
    public DigitImages part(int from, int to) {
        return new DigitImages(
                source,
                Arrays.copyOfRange(pixels, from, to),
                labels == null ? null : Arrays.copyOfRange(labels, from, to));
    }

    /** These images, followed by themselves moved by one pixel to the left, to the right, up and down. */
    public DigitImages withShifts() {
        int[][] moves = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
        float[][] moved = new float[count() * moves.length][];
        int[] movedLabels = labels == null ? null : new int[moved.length];
        for (int move = 0; move < moves.length; move++) {
            for (int image = 0; image < count(); image++) {
                moved[move * count() + image] = shift(pixels[image], moves[move][0], moves[move][1]);
                if (labels != null) {
                    movedLabels[move * count() + image] = labels[image];
                }
            }
        }
        return new DigitImages(source, moved, movedLabels);
    }

    private static float[] shift(float[] image, int right, int down) {
        float[] moved = new float[PIXELS];
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                int fromRow = row - down;
                int fromColumn = column - right;
                if (fromRow >= 0 && fromRow < SIDE && fromColumn >= 0 && fromColumn < SIDE) {
                    moved[row * SIDE + column] = image[fromRow * SIDE + fromColumn];
                }
            }
        }
        return moved;
    }

    /** The images as sequences of rows: {@code [image][8][8]}. */
    public float[][][] sequences() {
        float[][][] sequences = new float[count()][SIDE][];
        for (int image = 0; image < count(); image++) {
            for (int row = 0; row < SIDE; row++) {
                sequences[image][row] = Arrays.copyOfRange(pixels[image], row * SIDE, (row + 1) * SIDE);
            }
        }
        return sequences;
    }

    /** Where they came from, as messages name it. */
    public String source() {
        return source;
    }

    /** {@code [image][64]}, row by row from the top, 0 to 1. */
    public float[][] pixels() {
        return pixels;
    }

    /** The digits, 0 to 9; null if unknown. */
    public int[] labels() {
        return labels;
    }
}
