package org.gatefold.train.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.gatefold.layer.output.SpanTag;
import org.gatefold.layer.output.SpanTag.Place;
import org.gatefold.layer.output.SpanTag.Scheme;

/**
 * Precision, recall and F1 of spans in tagged sequences, by the rules of the CoNLL shared tasks' {@code conlleval}: a predicted span is
 * right if begin, end and kind are; a span begins at B and S, and at I and E if no span of their kind goes on there. One thread at a time.
 */
public final class SpanScores {
    private static final SpanTag OUTSIDE = new SpanTag(Place.OUTSIDE, "");

    private final Scheme scheme;
    private final Map<String, Counts> kinds = new TreeMap<>();

    /** Spans of one kind. */
    private static final class Counts {
        private double right;
        private double wanted;
        private double predicted;
    }

    /**
     * A span.
     *
     * @param begin its first step
     * @param end the step behind its last
     */
    public record Span(String kind, int begin, int end) {}

    /** Of no sequence yet. */
    public SpanScores(Scheme scheme) {
        if (scheme == null) {
            throw new IllegalArgumentException("scheme: expected a scheme of tags, got null");
        }
        this.scheme = scheme;
    }

    /**
     * The spans of a sequence, as they are counted.
     *
     * @throws IllegalArgumentException naming the first that is no tag of the scheme
     */
    public static List<Span> spans(Scheme scheme, List<String> tags) {
        return spans(scheme.readAll("tags: step", tags));
    }

    /**
     * Counts the spans of a sequence.
     *
     * @param wanted tags by step
     * @param predicted as many
     * @throws IllegalArgumentException naming the first that is no tag of the scheme, or if there are not as many
     */
    public void add(List<String> wanted, List<String> predicted) {
        add(scheme.readAll("wanted: step", wanted), scheme.readAll("predicted: step", predicted), 1);
    }

    /** Counts the spans of a sequence by a weight. */
    void add(List<SpanTag> wanted, List<SpanTag> predicted, double weight) {
        if (wanted.size() != predicted.size()) {
            throw new IllegalArgumentException(
                    "predicted: expected " + wanted.size() + " tags as wanted, got " + predicted.size());
        }
        List<Span> right = spans(wanted);
        List<Span> found = spans(predicted);
        right.forEach(span -> of(span).wanted += weight);
        found.forEach(span -> of(span).predicted += weight);
        found.stream().filter(right::contains).forEach(span -> of(span).right += weight);
    }

    private Counts of(Span span) {
        return kinds.computeIfAbsent(span.kind(), kind -> new Counts());
    }

    private static List<Span> spans(List<SpanTag> tags) {
        List<Span> spans = new ArrayList<>();
        SpanTag before = OUTSIDE;
        int begin = 0;
        for (int t = 0; t <= tags.size(); t++) {
            SpanTag tag = t < tags.size() ? tags.get(t) : OUTSIDE;
            boolean goesOn = tag.continues()
                    && (before.place() == Place.BEGIN || before.place() == Place.INSIDE)
                    && tag.kind().equals(before.kind());
            if (!goesOn && before.place() != Place.OUTSIDE) {
                spans.add(new Span(before.kind(), begin, t));
            }
            begin = goesOn ? begin : t;
            before = tag;
        }
        return spans;
    }

    /** The kinds that were wanted or predicted. */
    public Set<String> kinds() {
        return Set.copyOf(kinds.keySet());
    }

    /** Right ones among the predicted; 0 if none was predicted. Null for all kinds together. */
    public double precision(String kind) {
        Counts counts = counts(kind);
        return counts.predicted == 0 ? 0 : counts.right / counts.predicted;
    }

    /** Found ones among the wanted; 0 if none was wanted. Null for all kinds together. */
    public double recall(String kind) {
        Counts counts = counts(kind);
        return counts.wanted == 0 ? 0 : counts.right / counts.wanted;
    }

    /** Harmonic mean of precision and recall; 0 if none was found. Null for all kinds together. */
    public double f1(String kind) {
        Counts counts = counts(kind);
        return counts.right == 0 ? 0 : 2 * counts.right / (counts.wanted + counts.predicted);
    }

    private Counts counts(String kind) {
        if (kind != null) {
            return kinds.getOrDefault(kind, new Counts());
        }
        Counts all = new Counts();
        for (Counts each : kinds.values()) {
            all.right += each.right;
            all.wanted += each.wanted;
            all.predicted += each.predicted;
        }
        return all;
    }
}
