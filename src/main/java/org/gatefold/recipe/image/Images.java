package org.gatefold.recipe.image;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.image.ImageFolder;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageTable;
import org.gatefold.data.image.ImageTableReader;
import org.gatefold.data.table.Table;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.label.ClassBaselines;
import org.gatefold.recipe.field.media.Image;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.PictureOptions;

/** Tells the class of an image: convolutions find features, and a bidirectional LSTM reads what they found row by row. */
public final class Images implements Recipe {
    private static final Option<Reading> READ = Option.choice(
                    "read",
                    "WAY",
                    Reading.class,
                    "What the steps of the LSTM are: rows, patches, or rows of what convolutions found.")
            .or(Reading.CONVOLUTIONS);
    private static final Option<Integer> PATCH = Option.integer("patch", "N", "Pixels of a side of a patch.")
            .atLeast(1)
            .or(4);
    private static final Option<Double> WHITE = Option.real(
                    "white", "X", "The number that is white in CSV; by default 1, 16 or 255, as the numbers are.")
            .expecting("a number above 0", value -> value > 0 && value <= Float.MAX_VALUE);
    private static final Option<String> LABEL =
            Option.text("label", "COLUMN", "The column of classes in CSV; by default label, or else the last.");
    private static final Option<String> LABELS =
            Option.text("labels", "FILE", "The IDX file of the classes of images in an IDX file, --data.");
    private static final Option<String> TEST_LABELS =
            Option.text("test-labels", "FILE", "The IDX file of the classes of images in an IDX file, --test.");

    /** Rows of pixels below which turning makes others of them, where they are read as they are. */
    private static final int FEWEST_TURNED = 16;

    private static final TrainingLength LENGTH = new TrainingLength(6000, 10, 100);

    @Override
    public RecipeDescription describe() {
        return Recipe.named("image")
                .says("Tells the class of an image, such as which digit was written.")
                .data("/org/gatefold/data/digits-8x8.csv.gz")
                .format(o -> reader(o)::read)
                .secondFiles(LABELS, TEST_LABELS, o -> reader(o)::readPart, (images, labels) -> ImageTable.of(images)
                        .with(labels))
                .folders(o -> new RecipeDescription.Folder(reader(o)::read, ImageFolder::files))
                .contents(o -> reader(o)::read)
                .testOnLast(397.0 / 1797)
                .withMembers()
                .options(READ, PATCH, WHITE, LABEL)
                .options(PictureOptions.ALL.toArray(Option<?>[]::new))
                .input(o -> Image.of(PictureOptions.size(o)))
                .target(Category.column(ImageTable.LABEL))
                .network(Images::layers)
                .augmented(PictureOptions::augmentation)
                .baselines(ClassBaselines.majority(), ClassBaselines.nearestNeighbours(3))
                .defaults(o -> o.hidden(128).dropout(0.3))
                .note(
                        "Data is a folder with a folder of pictures for each class (PNG, JPEG, GIF, BMP, and WebP if com.twelvemonkeys.imageio:imageio-webp is on the class path), or CSV with a column"
                                + " for each pixel, row by row, and one for the class, or an IDX file of images with"
                                + " that of their classes by --labels; gzip is fine.")
                .note(LENGTH.note() + " Images of fewer than " + FEWEST_TURNED
                        + " rows of pixels are not turned by default where --read is rows.");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        ImageTable images = ImageTable.of(data);
        PictureOptions.requireAtMost(
                PATCH,
                Math.min(images.size().height(), images.size().width()),
                options.get(READ) == Reading.PATCHES ? options.get(PATCH) : 1);
        boolean fewRows = options.get(READ) == Reading.ROWS && images.size().height() < FEWEST_TURNED;
        return LENGTH.ofRows(
                PictureOptions.complete(options, images.size())
                        .with(PictureOptions.ROTATE, fewRows ? 0.0 : options.get(PictureOptions.ROTATE))
                        .with(WHITE, images.white()),
                data.rows());
    }

    private static ImageTableReader reader(Options options) {
        ImageSize size = PictureOptions.size(options);
        return ImageTableReader.create()
                .channels(size.channels())
                .size(size.height(), size.width())
                .white(options.find(WHITE).orElse(0.0))
                .label(options.find(LABEL).orElse(null));
    }

    private static List<Layer> layers(Options options, Fields fields) {
        ImageSize size = ((Image) fields.input()).size();
        // What cannot be done to images of this size is refused before there is a run.
        PictureOptions.augmentation(options);
        List<Layer> layers = new ArrayList<>(options.get(READ).layers(size, options.get(PATCH)));
        layers.add(options.stacked(Lstm.of(options.hidden())).bidirectional());
        layers.add(Dropout.of(options.dropout()));
        return layers;
    }
}
