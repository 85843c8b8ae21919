package org.gatefold.layer;

import java.util.Map;
import org.gatefold.op.Arguments;

/**
 * Windows over images, as {@link StepWindows} are over steps: how large, how far apart, and what is added at the sides. Immutable.
 *
 * @param rows along the height
 * @param columns along the width
 * @param same whether so much is added that images keep their size, as far as strides let them, in place of what each axis says
 */
public record ImageWindows(Axis rows, Axis columns, boolean same) {
    /**
     * Windows along one axis.
     *
     * @param kernel places of a window
     * @param stride from one window to the next
     * @param dilation from one place of a window to the next
     * @param padding places added at either side
     */
    public record Axis(int kernel, int stride, int dilation, int padding) {
        /** Places that a window covers. */
        public int span() {
            return Math.addExact(Math.multiplyExact(dilation, kernel - 1), 1);
        }
    }

    /** Windows of a size, one at each place, without padding. */
    public static ImageWindows of(int kernelHeight, int kernelWidth) {
        return new ImageWindows(
                new Axis(Arguments.requireAtLeast("kernelHeight", 1, kernelHeight), 1, 1, 0),
                new Axis(Arguments.requireAtLeast("kernelWidth", 1, kernelWidth), 1, 1, 0),
                false);
    }

    public ImageWindows withStride(int height, int width) {
        Arguments.requireAtLeast("strideHeight", 1, height);
        Arguments.requireAtLeast("strideWidth", 1, width);
        return new ImageWindows(
                new Axis(rows.kernel, height, rows.dilation, rows.padding),
                new Axis(columns.kernel, width, columns.dilation, columns.padding),
                same);
    }

    public ImageWindows withDilation(int height, int width) {
        Arguments.requireAtLeast("dilationHeight", 1, height);
        Arguments.requireAtLeast("dilationWidth", 1, width);
        return new ImageWindows(
                new Axis(rows.kernel, rows.stride, height, rows.padding),
                new Axis(columns.kernel, columns.stride, width, columns.padding),
                same);
    }

    /** With so many rows added above and below, and columns left and right. */
    public ImageWindows withPadding(int height, int width) {
        Arguments.requireAtLeast("paddingHeight", 0, height);
        Arguments.requireAtLeast("paddingWidth", 0, width);
        return new ImageWindows(
                new Axis(rows.kernel, rows.stride, rows.dilation, height),
                new Axis(columns.kernel, columns.stride, columns.dilation, width),
                false);
    }

    /** With as much added as images need to keep their size. */
    public ImageWindows withSame() {
        ImageWindows plain = withPadding(0, 0);
        return new ImageWindows(plain.rows, plain.columns, true);
    }

    /** As options of a layer, the dilation where the layer has one. */
    public Map<String, Object> written(boolean dilated) {
        Map<String, Object> options = Options.written(
                "kernelHeight", rows.kernel,
                "kernelWidth", columns.kernel,
                "strideHeight", rows.stride,
                "strideWidth", columns.stride);
        if (dilated) {
            options.put("dilationHeight", rows.dilation);
            options.put("dilationWidth", columns.dilation);
        }
        options.put("paddingHeight", rows.padding);
        options.put("paddingWidth", columns.padding);
        options.put("same", same);
        return options;
    }
}
