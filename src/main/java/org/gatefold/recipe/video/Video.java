package org.gatefold.recipe.video;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.table.Table;
import org.gatefold.data.video.FilmReader;
import org.gatefold.data.video.FilmTable;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.label.ClassBaselines;
import org.gatefold.recipe.field.media.FeatureMaps;
import org.gatefold.recipe.field.media.Film;
import org.gatefold.recipe.option.NameOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.PictureOptions;

/**
 * Tells the class of a film, such as what is done in it: convolutions find features in each frame, a bidirectional LSTM reads them, and
 * the largest of each unit's outputs over time decide.
 */
public final class Video implements Recipe {
    private static final Option<Integer> FRAMES = Option.integer(
                    "frames", "N", "Frames that are kept of a film at most, evenly over it.")
            .atLeast(1)
            .or(FilmReader.MOST_FRAMES);

    private static final Option<Double> RATE = Option.real(
                    "rate", "HZ", "Frames of a second that are looked at of video files; 0 for all that they have.")
            .expecting("0 to 1000", value -> value >= 0 && value <= 1000)
            .orAlways(0.0);

    private static final int[] FILTERS = {16, 32, 64};

    private static final TrainingLength LENGTH = new TrainingLength(1200, 10, 60);

    @Override
    public RecipeDescription describe() {
        return Recipe.named("video")
                .says("Tells the class of a film, such as what is done or said in it.")
                .data("/org/gatefold/data/movements.csv.gz")
                .synthetic()
                .format(o -> reader(o)::read)
                .folders(o -> new RecipeDescription.Folder(reader(o)::read, FilmReader::files))
                .inAnyOrder()
                .withMembers()
                .testOnLast(0.25)
                .options(FRAMES, RATE, NameOptions.LABEL_PATTERN)
                .options(PictureOptions.ALL.toArray(Option<?>[]::new))
                .input(o -> Film.of(PictureOptions.size(o)))
                .target(Category.column(FilmTable.LABEL))
                .network(o -> layers(o))
                .augmented(PictureOptions::augmentation)
                .baselines(ClassBaselines.majority(), ClassBaselines.nearestNeighbours(1))
                .defaults(o -> o.hidden(64).dropout(0.5).batch(8).with(PictureOptions.ROTATE, 0.0))
                .note(
                        "Data is a folder of films, in folders of their classes: each a folder of pictures, or a video file (MP4,"
                                + " AVI, MKV, MOV, WebM, GIF), which FFmpeg decodes if org.bytedeco:ffmpeg is on the class path.");
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        return LENGTH.ofRows(PictureOptions.complete(options, ((FilmTable) data).size()), data.rows());
    }

    private static FilmReader reader(Options options) {
        ImageSize size = PictureOptions.size(options);
        return FilmReader.create()
                .channels(size.channels())
                .size(size.height(), size.width())
                .frames(options.get(FRAMES))
                .rate(options.get(RATE))
                .labels(NameOptions.labels(options));
    }

    private static List<Layer> layers(Options options) {
        // What cannot be done to frames of this size is refused before there is a run.
        PictureOptions.augmentation(options);
        ImageSize size = PictureOptions.size(options);
        List<Layer> layers = new ArrayList<>(
                FeatureMaps.of(size.height(), size.width(), FILTERS).layers());
        layers.add(Flatten.create());
        layers.add(Dropout.of(options.dropout()));
        layers.add(options.stacked(Lstm.of(options.hidden())).bidirectional().returnSequences());
        layers.add(TimePooling.max());
        layers.add(Dropout.of(options.dropout()));
        return layers;
    }
}
