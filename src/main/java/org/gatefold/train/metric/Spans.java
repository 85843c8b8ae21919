package org.gatefold.train.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.gatefold.data.BatchColumn;
import org.gatefold.layer.output.SpanTag;
import org.gatefold.layer.output.SpanTag.Scheme;

/** A score of the spans that the largest outputs say. One thread at a time. */
final class Spans implements Metric.Accumulator {
    private final List<SpanTag> tags;
    private final SpanScores scores;
    private final ToDoubleFunction<SpanScores> measure;

    private Spans(Scheme scheme, List<SpanTag> tags, ToDoubleFunction<SpanScores> measure) {
        this.tags = tags;
        this.scores = new SpanScores(scheme);
        this.measure = measure;
    }

    static Metric metric(String name, Scheme scheme, List<String> tags, ToDoubleFunction<SpanScores> measure) {
        List<SpanTag> read = scheme.readAll("tags: label", tags);
        return new Metric(name, () -> new Spans(scheme, read, measure));
    }

    @Override
    public void add(Predictions predictions) {
        predictions.requireLabels();
        BatchColumn target = predictions.target();
        if (!target.form().sequence() || predictions.size() != tags.size()) {
            throw new IllegalArgumentException("output: expected scores of " + tags.size() + " tags for each step, got "
                    + predictions.size() + " for each of " + target.form());
        }
        for (int row = 0; row < target.rows(); row++) {
            List<SpanTag> wanted = new ArrayList<>();
            List<SpanTag> predicted = new ArrayList<>();
            for (int t = 0; t < target.length(row); t++) {
                int n = t * target.rows() + row;
                int label = predictions.label(n);
                if (label < 0 || label >= tags.size()) {
                    throw new IllegalArgumentException(
                            "label of row " + n + ": expected 0 to " + (tags.size() - 1) + ", got " + label);
                }
                wanted.add(tags.get(label));
                predicted.add(tags.get(predictions.predictedClass(n)));
            }
            scores.add(wanted, predicted, target.rowWeight(row));
        }
    }

    @Override
    public double value() {
        return measure.applyAsDouble(scores);
    }
}
