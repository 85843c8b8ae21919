package org.gatefold.recipe.digits;

import java.util.Arrays;
import java.util.List;
import org.gatefold.recipe.ClassificationScore;
import org.gatefold.recipe.baseline.MajorityClass;
import org.gatefold.recipe.baseline.NearestNeighbours;

/**
 * A model beside its baselines on the test part.
 */
public final class DigitReport {
    private final ClassificationScore test;
    private final int[][] confusion;
    private final List<BaselineResult> baselines;

    DigitReport(ClassificationScore test, int[][] confusion, List<BaselineResult> baselines) {
        this.test = test;
        this.confusion = confusion;
        this.baselines = baselines;
    }

    private static final int NEIGHBOURS = 3;

    /**
     * One baseline.
     *
     * @param name for instance {@code "majority"}
     * @param detail what was found or chosen for it; empty if there is nothing to tell
     */
    public record BaselineResult(String name, String detail, ClassificationScore score) {}

    /** Measures a model, and baselines made from the training images alone. */
    public static DigitReport of(DigitClassifier classifier, DigitImages training, DigitImages test) {
        int[] predicted = classifier.classify(test);
        int[] majority = new int[test.count()];
        MajorityClass most = MajorityClass.fit(training.labels(), DigitImages.CLASSES);
        Arrays.fill(majority, most.label());
        NearestNeighbours neighbours =
                new NearestNeighbours(training.pixels(), training.labels(), Math.min(NEIGHBOURS, training.count()));
        int[] nearest =
                Arrays.stream(test.pixels()).mapToInt(neighbours::classify).toArray();
        return new DigitReport(
                score(test, predicted),
                ClassificationScore.confusion(test.labels(), predicted, DigitImages.CLASSES),
                List.of(
                        new BaselineResult("majority", "digit " + most.label(), score(test, majority)),
                        new BaselineResult("3-nearest-neighbour", "pixels", score(test, nearest))));
    }

    private static ClassificationScore score(DigitImages test, int[] predicted) {
        return ClassificationScore.of(test.labels(), predicted, DigitImages.CLASSES);
    }

    /** The baselines that found more digits than the model. */
    public List<BaselineResult> better() {
        return baselines.stream()
                .filter(baseline -> baseline.score().accuracy() > test.accuracy())
                .toList();
    }

    /** Score of the model. */
    public ClassificationScore test() {
        return test;
    }

    /** How often each digit was taken for which, {@code [digit][predicted]}. */
    public int[][] confusion() {
        return confusion;
    }

    /** Scores of the baselines on the same images. */
    public List<BaselineResult> baselines() {
        return baselines;
    }
}
