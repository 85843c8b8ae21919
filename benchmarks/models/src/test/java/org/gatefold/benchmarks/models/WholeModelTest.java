package org.gatefold.benchmarks.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.benchmarks.models.architecture.Catalogue;
import org.gatefold.benchmarks.models.architecture.WholeModel;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small models of every kind: both sides train the same one, and it is noticed where they do not. */
class WholeModelTest {
    private static final WholeModel TRANSLATION = Catalogue.translation(3, 5, 17, 6, 4);

    static Stream<WholeModel> small() {
        return Stream.of(
                Catalogue.classifier(3, 5, 20, 6, 4, 5, 3),
                Catalogue.language("character model", 3, 5, 11, 6, 3e-3),
                TRANSLATION,
                Catalogue.forecast(3, 7, 4),
                Catalogue.digits(3, 6, 4),
                Catalogue.rows(3, 6, 4),
                Catalogue.recordings(3, 7, 5, 4),
                Catalogue.films(2, 3, 8, 12, 4));
    }

    @ParameterizedTest
    @MethodSource("small")
    void trainsTheSameModelOnBothSides(WholeModel model) {
        try (GatefoldTraining gatefold = new GatefoldTraining(model, 1);
                LibTorchTraining plain = libtorch(model, gatefold, torch.MemoryFormat.Contiguous);
                LibTorchTraining last = libtorch(model, gatefold, torch.MemoryFormat.ChannelsLast)) {
            float[] losses = firstLosses(gatefold);
            assertNotEquals(losses[0], losses[1]);
            Losses.requireSame(model.title(), losses, plain.epoch());
            Losses.requireSame(model.title(), losses, last.epoch());
        }
    }

    private static LibTorchTraining libtorch(WholeModel model, GatefoldTraining like, torch.MemoryFormat layout) {
        return new LibTorchTraining(model, like.parameters(), layout, 1);
    }

    private static float[] firstLosses(GatefoldTraining gatefold) {
        float[] losses = new float[WholeModel.UPDATES];
        gatefold.train(1, new TrainingListener() {
            @Override
            public void stepped(StepReport report) {
                losses[report.batch()] = report.loss();
            }
        });
        return losses;
    }

    /** Another loss and other updates: the first loss tells of the one, later ones of the others. */
    static Stream<WholeModel> others() {
        return Stream.of(another(0.9, TRANSLATION.rate()), another(TRANSLATION.smoothing(), 10 * TRANSLATION.rate()));
    }

    private static WholeModel another(double smoothing, double rate) {
        return new WholeModel("another", TRANSLATION.batch(), TRANSLATION.architecture(), smoothing, rate);
    }

    @ParameterizedTest
    @MethodSource("others")
    void noticesAnotherTraining(WholeModel other) {
        try (GatefoldTraining gatefold = new GatefoldTraining(TRANSLATION, 1);
                LibTorchTraining libtorch = libtorch(other, gatefold, torch.MemoryFormat.Contiguous)) {
            float[] losses = firstLosses(gatefold);
            float[] theirs = libtorch.epoch();
            assertThrows(IllegalStateException.class, () -> Losses.requireSame("another", losses, theirs));
        }
    }

    @Test
    void noticesLossesThatAreNotFinite() {
        assertThrows(
                IllegalStateException.class,
                () -> Losses.requireSame("none", new float[] {1, Float.NaN}, new float[] {1, 1}));
    }

    /** The goal is reached by either: twice libtorch's speed, or 85 % of the rate of a large product. */
    @Test
    void reachesItsGoalByTheEasierPart() {
        assertEquals(1, measured(2, 0.1).reached(), 1e-12);
        assertEquals(1, measured(1, 0.85).reached(), 1e-12);
        assertTrue(measured(1.9, 0.84).reached() < 1);
    }

    private static Measured measured(double libtorch, double products) {
        return new Measured(
                Catalogue.forecast(3, 7, 4), List.of(1.0), List.of(libtorch), "", List.of(0.5), List.of(products), 1);
    }
}
