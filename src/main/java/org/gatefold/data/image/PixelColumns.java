package org.gatefold.data.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.data.table.Table;

/**
 * A table with a column for each pixel, {@code [channels, height, width]} row by row, and perhaps one of classes, as images.
 *
 * @param table what is read
 * @param said the number that is white; 0 to find it
 * @param label the column of classes; null for the usual ones
 */
record PixelColumns(Table table, double said, String label) {
    private static final double[] WHITES = {1, 16, 255};

    /**
     * The images.
     *
     * @param channels 0 to find it
     * @param height 0 to find it
     * @param width 0 to find it
     */
    ImageTable table(int channels, int height, int width) {
        int columns = table.names().size();
        int expected = Math.max(1, channels) * height * width;
        boolean unlabelled = label == null && height > 0 && columns == expected;
        String classes = unlabelled ? null : classColumn();
        List<String> pixels =
                table.names().stream().filter(name -> !name.equals(classes)).toList();
        ImageSize size =
                height > 0 ? new ImageSize(Math.max(1, channels), height, width) : square(pixels.size(), channels);
        if (pixels.size() != size.bytes()) {
            throw new IllegalArgumentException(table.source() + ": expected " + expected
                    + " columns of pixels and one of classes, got " + columns);
        }
        double[][] numbers = pixels.stream().map(table::numbers).toArray(double[][]::new);
        double white = said > 0 ? said : white(numbers);
        byte[][] bytes = bytes(numbers, white, pixels);
        List<String> labels = classes == null ? null : table.text(classes);
        List<PictureTable.Entry> entries = new ArrayList<>();
        for (int row = 0; row < bytes.length; row++) {
            String where = table.where(row, classes == null ? pixels.get(0) : classes);
            entries.add(
                    ImageTable.entry(table.rowName(row), where, labels == null ? null : labels.get(row), bytes[row]));
        }
        return new ImageTable(table.source(), size, entries, white);
    }

    private String classColumn() {
        if (label != null) {
            table.text(label);
            return label;
        }
        return table.has(ImageTable.LABEL)
                ? ImageTable.LABEL
                : table.names().get(table.names().size() - 1);
    }

    private ImageSize square(int pixels, int channels) {
        for (int count : channels == 0 ? new int[] {1, 3} : new int[] {channels}) {
            int side = (int) Math.round(Math.sqrt((double) pixels / count));
            if (side > 0 && count * side * side == pixels) {
                return new ImageSize(count, side, side);
            }
        }
        throw new IllegalArgumentException(
                table.source() + ": expected columns of the pixels of a square image and one of" + " classes, got "
                        + (pixels + 1) + "; say the size of the images");
    }

    private byte[][] bytes(double[][] numbers, double white, List<String> pixels) {
        byte[][] bytes = new byte[table.rows()][pixels.size()];
        for (int pixel = 0; pixel < numbers.length; pixel++) {
            for (int row = 0; row < bytes.length; row++) {
                double number = numbers[pixel][row];
                if (number < 0 || number > white) {
                    throw new IllegalArgumentException(table.where(row, pixels.get(pixel)) + ": expected a pixel, 0 to "
                            + plain(white) + ", got " + plain(number));
                }
                bytes[row][pixel] = (byte) Math.round(number / white * 255);
            }
        }
        return bytes;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private static double white(double[]... numbers) {
        double most =
                Arrays.stream(numbers).flatMapToDouble(Arrays::stream).max().orElse(0);
        return Arrays.stream(WHITES).filter(white -> most <= white).findFirst().orElse(WHITES[WHITES.length - 1]);
    }
}
