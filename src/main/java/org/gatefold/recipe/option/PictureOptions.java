package org.gatefold.recipe.option;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gatefold.data.ImageAugmentation;
import org.gatefold.data.image.ImageSize;

/** The options of recipes that read images, alone or as frames of films. Stateless. */
public final class PictureOptions {
    private static final Pattern SIZE_TEXT = Pattern.compile("([1-9]\\d{0,3})x([1-9]\\d{0,3})");

    public static final Option<String> SIZE = Option.text(
                    "size",
                    "HxW",
                    "Rows and columns of pixels that images are brought to; by default those of the first, at most 64.")
            .expecting(
                    "rows x columns, such as 28x28",
                    text -> SIZE_TEXT.matcher(text).matches());
    public static final Option<Integer> CHANNELS = Option.integer(
                    "channels", "N", "1 for grey, 3 for colour; by default as the first image.")
            .expecting("1 or 3", value -> value == 1 || value == 3);
    public static final Option<Integer> SHIFT = Option.integer(
                    "shift",
                    "N",
                    "Images learnt from are moved by up to so many pixels; by default a twelfth of a side.")
            .atLeast(0);
    public static final Option<Double> ROTATE = Option.real(
                    "rotate", "DEGREES", "Images learnt from are turned by up to so many degrees.")
            .expecting("0 to 180", value -> value >= 0 && value <= 180)
            .or(10.0);
    public static final Option<Boolean> FLIP =
            Option.flag("flip", "Every other image learnt from is mirrored from left to right.");
    public static final Option<Double> ERASE = Option.real(
                    "erase", "P", "Probability of wiping out a part of an image learnt from.")
            .expecting("0 to 1", p -> p >= 0 && p <= 1)
            .or(0.0);

    /** All of them. */
    public static final List<Option<?>> ALL = List.of(SIZE, CHANNELS, SHIFT, ROTATE, FLIP, ERASE);

    /** A side in which images are moved by a pixel. */
    private static final float SHIFTED_BY_ONE = 12;

    private PictureOptions() {}

    /**
     * Chooses by images that were read what was not said.
     *
     * @throws UsageException if images are to be moved by more than their size
     */
    public static Options complete(Options options, ImageSize first) {
        int side = Math.min(first.height(), first.width());
        requireAtMost(SHIFT, side - 1, options.find(SHIFT).orElse(0));
        return options.with(SIZE, first.height() + "x" + first.width())
                .with(CHANNELS, first.channels())
                .with(SHIFT, Math.round(side / SHIFTED_BY_ONE));
    }

    /** @throws UsageException if a number of pixels is larger than images allow */
    public static void requireAtMost(Option<Integer> option, int most, int value) {
        if (value > most) {
            throw new UsageException(
                    option + ": expected at most " + most + " pixels of images of this size, got " + value);
        }
    }

    /** What images are brought to; 0 where it is not said. */
    public static ImageSize size(Options options) {
        Matcher size = SIZE_TEXT.matcher(options.find(SIZE).orElse(""));
        return size.matches()
                ? new ImageSize(
                        options.find(CHANNELS).orElse(0),
                        Integer.parseInt(size.group(1)),
                        Integer.parseInt(size.group(2)))
                : new ImageSize(options.find(CHANNELS).orElse(0), 0, 0);
    }

    /** How images are shown; null for as they are. */
    public static ImageAugmentation augmentation(Options options) {
        ImageSize size = size(options);
        ImageAugmentation way = ImageAugmentation.of(size.height(), size.width())
                .shifted(options.get(SHIFT))
                .rotated(options.get(ROTATE))
                .flipped(options.get(FLIP))
                .erased(options.get(ERASE));
        return way.changes() ? way : null;
    }
}
