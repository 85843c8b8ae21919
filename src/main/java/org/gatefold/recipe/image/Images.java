package org.gatefold.recipe.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gatefold.data.Augmentation;
import org.gatefold.data.ImageAugmentation;
import org.gatefold.data.image.ImageFolder;
import org.gatefold.data.image.ImageTable;
import org.gatefold.data.image.ImageTableReader;
import org.gatefold.data.table.Table;
import org.gatefold.layer.Dropout;
import org.gatefold.layer.Layer;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Option;
import org.gatefold.recipe.Options;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.UsageException;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Category;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Image;

/** Tells the class of an image: convolutions find features, and a bidirectional LSTM reads what they found row by row. */
public final class Images implements Recipe {
    private static final Pattern SIZE_TEXT = Pattern.compile("([1-9]\\d{0,3})x([1-9]\\d{0,3})");

    private static final Option<Reading> READ = Option.choice(
                    "read",
                    "WAY",
                    Reading.class,
                    "What the steps of the LSTM are: rows, patches, or rows of what convolutions found.")
            .or(Reading.CONVOLUTIONS);
    private static final Option<Integer> PATCH = Option.integer("patch", "N", "Pixels of a side of a patch.")
            .expecting("at least 1", value -> value >= 1)
            .or(4);
    private static final Option<String> SIZE = Option.text(
                    "size",
                    "HxW",
                    "Rows and columns of pixels that images are brought to; by default those of the first, at most 64.")
            .expecting(
                    "rows x columns, such as 28x28",
                    text -> SIZE_TEXT.matcher(text).matches());
    private static final Option<Integer> CHANNELS = Option.integer(
                    "channels", "N", "1 for grey, 3 for colour; by default as the first image.")
            .expecting("1 or 3", value -> value == 1 || value == 3);
    private static final Option<Double> WHITE = Option.real(
                    "white", "X", "The number that is white in CSV; by default 1, 16 or 255, as the numbers are.")
            .expecting("a number above 0", value -> value > 0 && value <= Float.MAX_VALUE);
    private static final Option<String> LABEL =
            Option.text("label", "COLUMN", "The column of classes in CSV; by default label, or else the last.");
    private static final Option<String> LABELS =
            Option.text("labels", "FILE", "The IDX file of the classes of images in an IDX file, --data.");
    private static final Option<String> TEST_LABELS =
            Option.text("test-labels", "FILE", "The IDX file of the classes of images in an IDX file, --test.");
    private static final Option<Integer> SHIFT = Option.integer(
                    "shift",
                    "N",
                    "Images learnt from are moved by up to so many pixels; by default a twelfth of a side.")
            .expecting("at least 0", value -> value >= 0);
    private static final Option<Double> ROTATE = Option.real(
                    "rotate", "DEGREES", "Images learnt from are turned by up to so many degrees.")
            .expecting("0 to 180", value -> value >= 0 && value <= 180)
            .or(10.0);
    private static final Option<Boolean> FLIP =
            Option.flag("flip", "Every other image learnt from is mirrored from left to right.");
    private static final Option<Double> ERASE = Option.real(
                    "erase", "P", "Probability of wiping out a part of an image learnt from.")
            .expecting("0 to 1", p -> p >= 0 && p <= 1)
            .or(0.0);

    /** Updates after which small sets are learnt. */
    private static final int UPDATES = 6000;

    private static final int FEWEST_EPOCHS = 10;
    private static final int MOST_EPOCHS = 100;

    @Override
    public RecipeDescription describe() {
        return Recipe.named("image")
                .says("Tells the class of an image, such as which digit was written.")
                .data("/org/gatefold/data/digits-8x8.csv.gz")
                .format(o -> reader(o)::read)
                .secondFiles(LABELS, TEST_LABELS, o -> reader(o)::readPart, (images, labels) -> images(images)
                        .with(labels))
                .folders(o -> folder(reader(o)))
                .testOnLast(397.0 / 1797)
                .options(READ, PATCH, SIZE, CHANNELS, WHITE, LABEL, SHIFT, ROTATE, FLIP, ERASE)
                .input(Images::image)
                .target(Category.column(ImageTable.LABEL))
                .network(Images::layers)
                .augmented(Images::augmentation)
                .baselines(Baseline.majority(), Baseline.nearestNeighbours(3))
                .defaults(o -> o.hidden(128).dropout(0.3))
                .note(
                        "Data is a folder with a folder of pictures for each class (PNG, JPEG, GIF, BMP), or CSV with a column"
                                + " for each pixel, row by row, and one for the class; gzip is fine.")
                .note("Small sets are learnt in " + UPDATES + " updates, but in " + FEWEST_EPOCHS + " to " + MOST_EPOCHS
                        + " epochs.");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        ImageTable images = images(data);
        int side = Math.min(images.height(), images.width());
        requireBelow(SHIFT, side, options.find(SHIFT).orElse(0));
        requireBelow(PATCH, side + 1, options.get(READ) == Reading.PATCHES ? options.get(PATCH) : 1);
        int updates = Math.max(1, options.trainingRows(data.rows()) / options.batch());
        return options.with(SIZE, images.height() + "x" + images.width())
                .with(CHANNELS, images.channels())
                .with(WHITE, images.white())
                .with(SHIFT, Math.round(side / 12f))
                .epochs(Math.max(FEWEST_EPOCHS, Math.min(MOST_EPOCHS, UPDATES / updates)));
    }

    private static ImageTable images(Table table) {
        if (table instanceof ImageTable images) {
            return images;
        }
        throw new IllegalArgumentException(table.source() + ": expected images, got the labels of some");
    }

    private static void requireBelow(Option<Integer> option, int bound, int value) {
        if (value >= bound) {
            throw new UsageException(
                    option + ": expected at most " + (bound - 1) + " pixels of images of this size, got " + value);
        }
    }

    private static ImageTableReader reader(Options options) {
        ImageTableReader reader = ImageTableReader.create()
                .channels(options.find(CHANNELS).orElse(0))
                .white(options.find(WHITE).orElse(0.0))
                .label(options.find(LABEL).orElse(null));
        int[] size = options.find(SIZE).map(Images::size).orElse(null);
        return size == null ? reader : reader.size(size[0], size[1]);
    }

    private static int[] size(String text) {
        Matcher size = SIZE_TEXT.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException("size: expected rows x columns, got '" + text + "'");
        }
        return new int[] {Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2))};
    }

    private static RecipeDescription.Folder folder(ImageTableReader reader) {
        return new RecipeDescription.Folder() {
            @Override
            public Table read(Path folder) throws IOException {
                return reader.read(folder);
            }

            @Override
            public List<Path> files(Path folder) throws IOException {
                return ImageFolder.files(folder);
            }
        };
    }

    private static Image image(Options options) {
        int[] size = size(options.get(SIZE));
        return Image.of(options.get(CHANNELS), size[0], size[1]);
    }

    private static List<Layer> layers(Options options, Fields fields) {
        Image image = (Image) fields.input();
        // What cannot be done to images of this size is refused before there is a run.
        augmentation(options);
        List<Layer> layers = new ArrayList<>(options.get(READ).layers(image, options.get(PATCH)));
        layers.add(options.stacked(Lstm.of(options.hidden())).bidirectional());
        layers.add(Dropout.of(options.dropout()));
        return layers;
    }

    private static Augmentation augmentation(Options options) {
        Image image = image(options);
        ImageAugmentation way = ImageAugmentation.of(image.channels(), image.height(), image.width())
                .shifted(options.get(SHIFT))
                .rotated(options.get(ROTATE))
                .flipped(options.get(FLIP))
                .erased(options.get(ERASE));
        return way.changes() ? way : null;
    }
}
