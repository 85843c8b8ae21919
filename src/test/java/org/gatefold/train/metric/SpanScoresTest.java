package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.layer.output.SpanTag.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores of spans on cases worked by hand with the rules of {@code conlleval}. */
class SpanScoresTest {
    private static List<String> tags(String text) {
        return List.of(text.split(" "));
    }

    /** Spans wanted, predicted and right. */
    @ParameterizedTest
    @CsvSource({
        "BIO, B-X I-X O, B-X I-X O, 1, 1, 1",
        // A span must be right as a whole.
        "BIO, B-X I-X I-X, B-X I-X O, 1, 1, 0",
        // An I that goes on with nothing begins a span: after O, at the start, after another kind.
        "BIO, B-X I-X O, I-X I-X O, 1, 1, 1",
        "BIO, O B-X O, O I-X O, 1, 1, 1",
        "BIO, B-X B-Y I-Y, I-X I-Y I-Y, 2, 2, 2",
        // B ends what stands before it.
        "BIO, B-X B-X, B-X I-X, 2, 1, 0",
        "BIO, B-X I-X B-X I-X, B-X I-X B-X I-X, 2, 2, 2",
        "BIO, O O, O O, 0, 0, 0",
        "BIO, O O B-X, B-X O O, 1, 1, 0",
        // The kind must be right.
        "BIO, B-X I-X, B-Y I-Y, 1, 1, 0",
        "BIOES, B-X I-X E-X S-Y O, B-X I-X E-X S-Y O, 2, 2, 2",
        "BIOES, B-X E-X S-X, B-X E-X E-X, 2, 2, 2",
        "BIOES, S-X S-X, B-X E-X, 2, 1, 0",
        // What was begun and not ended is a span all the same.
        "BIOES, B-X E-X O, B-X I-X O, 1, 1, 1",
        "BIOES, B-X E-X S-X, B-X E-X I-X, 2, 2, 2",
    })
    void countsAsConlleval(
            Scheme scheme, String wanted, String predicted, double wantedSpans, double predictedSpans, double right) {
        SpanScores scores = new SpanScores(scheme);
        scores.add(tags(wanted), tags(predicted));
        assertThat(scores.recall(null)).isEqualTo(wantedSpans == 0 ? 0 : right / wantedSpans);
        assertThat(scores.precision(null)).isEqualTo(predictedSpans == 0 ? 0 : right / predictedSpans);
        assertThat(scores.f1(null)).isEqualTo(right == 0 ? 0 : 2 * right / (wantedSpans + predictedSpans));
    }

    @Test
    void kindsCountByThemselvesAndTogether() {
        SpanScores scores = new SpanScores(Scheme.BIO);
        scores.add(tags("B-PER I-PER O B-LOC"), tags("B-PER I-PER O B-PER"));
        scores.add(tags("B-LOC O"), tags("B-LOC O"));
        assertThat(scores.kinds()).containsExactlyInAnyOrder("PER", "LOC");
        assertThat(scores.precision("PER")).isEqualTo(0.5);
        assertThat(scores.recall("PER")).isEqualTo(1);
        assertThat(scores.f1("PER")).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(scores.precision("LOC")).isEqualTo(1);
        assertThat(scores.recall("LOC")).isEqualTo(0.5);
        assertThat(scores.f1(null)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(scores.f1("ORG")).isZero();
    }

    @Test
    void tagsThatAreNoneAreNamed() {
        SpanScores scores = new SpanScores(Scheme.BIO);
        assertThatThrownBy(() -> scores.add(tags("O B-X"), tags("O E-X")))
                .hasMessage("predicted: step 1: tag: expected one of BIO, such as O or B-PER, got 'E-X'");
        assertThatThrownBy(() -> scores.add(tags("O X"), tags("O O")))
                .hasMessage("wanted: step 1: tag: expected one of BIO, such as O or B-PER, got 'X'");
        assertThatThrownBy(() -> scores.add(tags("O"), tags("O O")))
                .hasMessage("predicted: expected 1 tags as wanted, got 2");
        assertThatThrownBy(() -> Metric.spanF1(Scheme.BIO, List.of("O", "B-")))
                .hasMessage("tags: label 1: tag: expected one of BIO, such as O or B-PER, got 'B-'");
    }

    /** Rows of 3 and 1 steps, labels O, B-X, I-X; the second row counts twice. */
    @Test
    void metricsReadRowsOfTheirLengths() {
        List<String> tags = List.of("O", "B-X", "I-X");
        Dataset data = Dataset.of(Column.sequences("x", new float[][][] {{{0}, {0}, {0}}, {{0}}}))
                .withTarget(Column.tokens("tags", new int[][] {{1, 2, 0}, {1}}))
                .withWeights(1f, 2f);
        Batch batch = Batches.of(data, 2).inOrder().batch(0);
        // In the order of [T, B]: row 0 is B-X O O, row 1 B-X; behind its length stand spans that do not count.
        int[] predicted = {1, 1, 0, 1, 0, 1};
        float[] outputs = new float[predicted.length * 3];
        for (int n = 0; n < predicted.length; n++) {
            outputs[n * 3 + predicted[n]] = 1f;
        }
        assertThat(value(Metric.spanF1(Scheme.BIO, tags), outputs, batch)).isCloseTo(2 * 2 / 6.0, within(1e-12));
        assertThat(value(Metric.spanF1(Scheme.BIO, tags, "Y"), outputs, batch)).isZero();
        assertThat(value(Metric.spanPrecision(Scheme.BIO, tags), outputs, batch))
                .isCloseTo(2 / 3.0, within(1e-12));
        assertThat(value(Metric.spanRecall(Scheme.BIO, tags), outputs, batch)).isCloseTo(2 / 3.0, within(1e-12));
        assertThatThrownBy(() -> value(Metric.spanF1(Scheme.BIO, List.of("O", "B-X")), outputs, batch))
                .hasMessageStartingWith("output: expected scores of 2 tags for each step, got 3");
    }

    private static double value(Metric metric, float[] outputs, Batch batch) {
        Predictions predictions = new Predictions();
        predictions.set(outputs, 3);
        predictions.compareWith(batch, null);
        Metric.Accumulator accumulator = metric.start().get();
        accumulator.add(predictions);
        return accumulator.value();
    }
}
