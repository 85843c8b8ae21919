package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import org.gatefold.benchmarks.models.architecture.Images.Convolved;
import org.gatefold.benchmarks.models.architecture.Parts.Embedded;
import org.gatefold.benchmarks.models.architecture.Parts.Largest;
import org.gatefold.benchmarks.models.architecture.Parts.Mapped;
import org.gatefold.benchmarks.models.architecture.Recurrent.Answer;

/**
 * The models that are measured: those that the applications train, as {@code ci/scores} has them, and the usual one of words with 200 units.
 * Stateless.
 */
public final class Catalogue {
    private Catalogue() {}

    /** All of them. */
    public static List<WholeModel> all() {
        return List.of(
                classifier(32, 20, 10_000, 100, 128, 64, 2),
                language("character model", 32, 64, 65, 256, 3e-3),
                language("word model, 10,000 classes", 20, 30, 10_000, 200, 3e-3),
                translation(64, 16, 4000, 256, 160),
                forecast(32, 60, 32),
                digits(32, 8, 128),
                rows(32, 28, 128),
                recordings(16, 60, 40, 64),
                films(8, 17, 80, 112, 64));
    }

    /** Rotten Tomatoes: vectors, a convolution over three words, a layer in both directions, the largest outputs. */
    public static WholeModel classifier(
            int batch, int steps, int vocabulary, int embedding, int filters, int units, int classes) {
        return new WholeModel(
                "text classifier",
                batch,
                2e-3,
                new Layered(
                        Size.ids(steps),
                        Wanted.CLASS,
                        List.of(
                                new Embedded(vocabulary, embedding),
                                Convolutions.plain(filters, 3),
                                new Recurrent(units, 1, true, Answer.STEPS),
                                new Largest(),
                                new Mapped(classes))));
    }

    /** Two layers of as many units as vectors have features, whose states are carried on. */
    public static WholeModel language(String title, int batch, int steps, int vocabulary, int units, double rate) {
        return new WholeModel(
                title,
                batch,
                rate,
                new Layered(
                        Size.ids(steps),
                        Wanted.CLASSES,
                        List.of(
                                new Embedded(vocabulary, units),
                                new Recurrent(units, 2, false, Answer.CARRIED),
                                new Mapped(vocabulary))));
    }

    /** Multi30k: a bidirectional encoder, a decoder with attention, logits by the vectors of the target, smoothed labels. */
    public static WholeModel translation(int batch, int steps, int vocabulary, int embedding, int units) {
        return new WholeModel("translation", batch, new Translating(steps, vocabulary, embedding, units), 0.1, 2e-3);
    }

    /** Sunspots: one number a month, and the next. */
    public static WholeModel forecast(int batch, int window, int units) {
        return new WholeModel(
                "forecast, sunspots",
                batch,
                3e-3,
                new Layered(
                        Size.sequence(window, 1),
                        Wanted.NUMBER,
                        List.of(new Recurrent(units, 1, false, Answer.LAST), new Mapped(1))));
    }

    /** Digits of 8 by 8: two convolutions, a layer that reads the rows of what they find in both directions. */
    public static WholeModel digits(int batch, int side, int units) {
        return new WholeModel(
                "digits, convolutions",
                batch,
                2e-3,
                new Layered(
                        Size.row(1, side, side),
                        Wanted.CLASS,
                        List.of(
                                new Convolved(0, 32, true),
                                new Convolved(1, 64, false),
                                new Images.Rows(),
                                new Recurrent(units, 1, true, Answer.LAST),
                                new Mapped(10))));
    }

    /** MNIST row by row. */
    public static WholeModel rows(int batch, int side, int units) {
        return new WholeModel(
                "MNIST, rows",
                batch,
                2e-3,
                new Layered(
                        Size.row(1, side, side),
                        Wanted.CLASS,
                        List.of(new Images.Rows(), new Recurrent(units, 1, true, Answer.LAST), new Mapped(10))));
    }

    /** Free spoken digits: convolutions over log-mel spectra, a layer in both directions, the largest outputs. */
    public static WholeModel recordings(int batch, int steps, int bands, int units) {
        return new WholeModel(
                "spoken digits",
                batch,
                2e-3,
                new Layered(
                        Size.sequence(steps, bands),
                        Wanted.CLASS,
                        List.of(
                                new Convolutions(units, List.of(5, 3), true),
                                new Recurrent(units, 1, true, Answer.STEPS),
                                new Largest(),
                                new Mapped(10))));
    }

    /**
     * Films: three convolutions of each frame, a layer that reads the frames in both directions, the largest outputs. Learns more slowly than
     * the application, at whose rate films without sense let differences by rounding grow.
     */
    public static WholeModel films(int batch, int frames, int height, int width, int units) {
        return new WholeModel(
                "films, convolutions",
                batch,
                1e-4,
                new Layered(
                        Size.sequence(frames, 3, height, width),
                        Wanted.CLASS,
                        List.of(
                                new Convolved(0, 16, true),
                                new Convolved(1, 32, true),
                                new Convolved(2, 64, true),
                                new Images.Frames(),
                                new Recurrent(units, 1, true, Answer.STEPS),
                                new Largest(),
                                new Mapped(2))));
    }
}
