package org.gatefold.train.metric;

import java.util.List;
import java.util.function.Supplier;
import org.gatefold.layer.output.SpanTag.Scheme;
import org.gatefold.train.loss.CrossEntropy;

/**
 * A figure of merit over a whole set, computed on the host from outputs and targets; rows count by their weights.
 *
 * <p>Immutable and safe for many threads; an {@link Accumulator} belongs to one pass.
 *
 * @param name what it is called in reports, for instance {@code "rmse"}
 * @param output the name of the output that it looks at; null for the only one
 * @param target the name of the target that it looks at; null for the only one
 * @param start begins a pass
 */
public record Metric(String name, String output, String target, Supplier<Accumulator> start) {
    /** A metric of the only output and target. */
    public Metric(String name, Supplier<Accumulator> start) {
        this(name, null, null, start);
    }

    /** Sums up one pass. One thread at a time. */
    public interface Accumulator {
        /** Takes a batch in. */
        void add(Predictions predictions);

        /** The figure over all batches so far; NaN if nothing counted. */
        double value();
    }

    /** This metric of one of several outputs, against one of several targets; called for instance {@code "price.rmse"}. */
    public Metric on(String newOutput, String newTarget) {
        return new Metric(newTarget + "." + name, newOutput, newTarget, start);
    }

    /** This metric under another name. */
    public Metric named(String newName) {
        return new Metric(newName, output, target, start);
    }

    /** Root of the mean squared difference. */
    public static Metric rmse() {
        return new Metric("rmse", () -> new RegressionMeasure(difference -> difference * difference, Math::sqrt));
    }

    /** Mean squared difference. */
    public static Metric mse() {
        return new Metric("mse", () -> new RegressionMeasure(difference -> difference * difference, mean -> mean));
    }

    /** Mean absolute difference. */
    public static Metric mae() {
        return new Metric("mae", () -> new RegressionMeasure(Math::abs, mean -> mean));
    }

    /** Share of the rows whose largest output is at the label. */
    public static Metric accuracy() {
        return accuracy(CrossEntropy.NO_IGNORE_INDEX);
    }

    /** As {@link #accuracy()}, without the rows of one label. */
    public static Metric accuracy(int ignoreIndex) {
        return new Metric("accuracy", () -> new Confusion(ignoreIndex, ClassScores::accuracy));
    }

    /** Mean over classes of the harmonic mean of precision and recall; a class that never occurs nor is predicted is left out. */
    public static Metric macroF1() {
        return macroF1(CrossEntropy.NO_IGNORE_INDEX);
    }

    /** As {@link #macroF1()}, without the rows of one label. */
    public static Metric macroF1(int ignoreIndex) {
        return new Metric("f1", () -> new Confusion(ignoreIndex, ClassScores::macroF1));
    }

    /**
     * Harmonic mean of precision and recall over all rows together, without the rows of one label; rows that are predicted
     * as a background class count as misses only, so that for tagging the background does not dominate.
     *
     * @param background class that is neither to be found nor rewarded
     */
    public static Metric microF1(int ignoreIndex, int background) {
        return new Metric("micro-f1", () -> new Confusion(ignoreIndex, c -> c.microF1(background)));
    }

    /**
     * Label error rate of outputs that were trained by CTC: the fewest edits between the labels of the likeliest path and those
     * that are wanted, by the number of these, over the whole set.
     *
     * @param blank the class that stands for no label
     */
    public static Metric labelErrorRate(int blank) {
        return new Metric("label-error-rate", () -> new LabelErrorRate(blank));
    }

    /**
     * F1 of the spans that tags say, of all kinds together, as {@code conlleval} of the CoNLL shared tasks; other scores: {@link
     * SpanScores}.
     *
     * @param tags by label
     * @throws IllegalArgumentException naming the label whose tag is none of the scheme
     */
    public static Metric spanF1(Scheme scheme, List<String> tags) {
        return Spans.metric("span-f1", scheme, tags, scores -> scores.f1(null));
    }

    /** As {@link #spanF1(Scheme, List)}, of the spans of one kind. */
    public static Metric spanF1(Scheme scheme, List<String> tags, String kind) {
        return Spans.metric("span-f1-" + kind, scheme, tags, scores -> scores.f1(kind));
    }

    /** Right ones among the predicted spans of all kinds. */
    public static Metric spanPrecision(Scheme scheme, List<String> tags) {
        return Spans.metric("span-precision", scheme, tags, scores -> scores.precision(null));
    }

    /** Found ones among the spans of all kinds. */
    public static Metric spanRecall(Scheme scheme, List<String> tags) {
        return Spans.metric("span-recall", scheme, tags, scores -> scores.recall(null));
    }

    /** Exponential of the mean cross-entropy. */
    public static Metric perplexity() {
        return perplexity(CrossEntropy.NO_IGNORE_INDEX);
    }

    /** As {@link #perplexity()}, without the rows of one label. */
    public static Metric perplexity(int ignoreIndex) {
        return new Metric("perplexity", () -> new Perplexity(ignoreIndex));
    }
}
