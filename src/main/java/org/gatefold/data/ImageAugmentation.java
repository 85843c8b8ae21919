package org.gatefold.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shows images a little moved, turned, mirrored, or with a part wiped out, each time otherwise. Immutable and thread-safe: options
 * return a changed copy; without any it changes nothing.
 *
 * <p>Images {@code [channels, height, width]}, and all frames of a film alike, are moved and turned at once about their middle, with bilinear interpolation and 0
 * around them, as torchvision's RandomAffine does; whole pixels alone are moved without blur.
 */
public final class ImageAugmentation implements Augmentation {
    /** Bounds of a wiped part: of its area in that of the image, and of its sides' ratio (Zhong et al. 2017, random erasing). */
    private static final double LEAST_AREA = 0.02;

    private static final double MOST_AREA = 0.2;
    private static final double MOST_RATIO = 3;

    private final int height;
    private final int width;
    private final int shift;
    private final double degrees;
    private final boolean flip;
    private final double erase;

    private ImageAugmentation(int height, int width, int shift, double degrees, boolean flip, double erase) {
        this.height = height;
        this.width = width;
        this.shift = shift;
        this.degrees = degrees;
        this.flip = flip;
        this.erase = erase;
    }

    /** For images of a size. */
    public static ImageAugmentation of(int height, int width) {
        return new ImageAugmentation(height, width, 0, 0, false, 0);
    }

    /** Moves by up to so many whole pixels to each side, every way as likely. */
    public ImageAugmentation shifted(int pixels) {
        if (pixels < 0 || pixels >= Math.min(height, width)) {
            throw new IllegalArgumentException("pixels: expected 0 to below the size of the images, "
                    + Math.min(height, width) + ", got " + pixels);
        }
        return new ImageAugmentation(height, width, pixels, degrees, flip, erase);
    }

    /** Turns by up to so many degrees to each side. */
    public ImageAugmentation rotated(double most) {
        if (!(most >= 0 && most <= 180)) {
            throw new IllegalArgumentException("most: expected 0 to 180 degrees, got " + most);
        }
        return new ImageAugmentation(height, width, shift, most, flip, erase);
    }

    /** Whether every other image is mirrored from left to right. */
    public ImageAugmentation flipped(boolean value) {
        return new ImageAugmentation(height, width, shift, degrees, value, erase);
    }

    /** With what probability a rectangle of an image, 2 to 20 % of it, becomes 0. */
    public ImageAugmentation erased(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: expected 0 to 1, got " + probability);
        }
        return new ImageAugmentation(height, width, shift, degrees, flip, probability);
    }

    /** True if it changes anything. */
    public boolean changes() {
        return shift > 0 || degrees > 0 || flip || erase > 0;
    }

    @Override
    public void change(float[] values, int count, RandomDraws draws) {
        int right = draws.below(2 * shift + 1) - shift;
        int down = draws.below(2 * shift + 1) - shift;
        double angle = Math.toRadians(draws.between(-degrees, degrees));
        boolean mirrored = flip && draws.below(2) == 1;
        if (right != 0 || down != 0 || angle != 0 || mirrored) {
            move(values, count, right, down, angle, mirrored);
        }
        if (erase > 0 && draws.between(0, 1) < erase) {
            wipe(values, count, draws);
        }
    }

    private void move(float[] values, int count, int right, int down, double angle, boolean mirrored) {
        double cosine = Math.cos(angle);
        double sine = Math.sin(angle);
        double middleX = (width - 1) / 2.0;
        double middleY = (height - 1) / 2.0;
        int plane = height * width;
        float[] before = Arrays.copyOf(values, count);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double fromMiddleX = x - right - middleX;
                double fromMiddleY = y - down - middleY;
                double turnedX = cosine * fromMiddleX - sine * fromMiddleY;
                double fromX = middleX + (mirrored ? -turnedX : turnedX);
                double fromY = middleY + sine * fromMiddleX + cosine * fromMiddleY;
                for (int first = 0; first < count; first += plane) {
                    values[first + y * width + x] = between(before, first, fromX, fromY);
                }
            }
        }
    }

    /** Between the four pixels around a place. */
    private float between(float[] values, int plane, double x, double y) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double toRight = x - left;
        double toBottom = y - top;
        double upper = (1 - toRight) * pixel(values, plane, left, top) + toRight * pixel(values, plane, left + 1, top);
        double lower =
                (1 - toRight) * pixel(values, plane, left, top + 1) + toRight * pixel(values, plane, left + 1, top + 1);
        return (float) ((1 - toBottom) * upper + toBottom * lower);
    }

    private float pixel(float[] values, int plane, int x, int y) {
        return x >= 0 && x < width && y >= 0 && y < height ? values[plane + y * width + x] : 0;
    }

    private void wipe(float[] values, int count, RandomDraws draws) {
        double area = draws.between(LEAST_AREA, MOST_AREA) * height * width;
        double ratio = Math.exp(draws.between(-Math.log(MOST_RATIO), Math.log(MOST_RATIO)));
        int rows = Math.min(height, Math.max(1, (int) Math.round(Math.sqrt(area * ratio))));
        int columns = Math.min(width, Math.max(1, (int) Math.round(Math.sqrt(area / ratio))));
        int top = draws.below(height - rows + 1);
        int left = draws.below(width - columns + 1);
        for (int first = 0; first < count; first += height * width) {
            for (int y = top; y < top + rows; y++) {
                int from = first + y * width + left;
                Arrays.fill(values, from, from + columns, 0);
            }
        }
    }

    @Override
    public String description() {
        List<String> parts = new ArrayList<>();
        if (shift > 0) {
            parts.add("shifted by up to " + shift + (shift == 1 ? " pixel" : " pixels"));
        }
        if (degrees > 0) {
            parts.add("turned by up to " + degrees + " degrees");
        }
        if (flip) {
            parts.add("mirrored");
        }
        if (erase > 0) {
            parts.add("wiped out in part, probability " + erase);
        }
        return String.join(", ", parts);
    }
}
