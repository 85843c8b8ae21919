package org.gatefold.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.contract.oracle.NaiveCtc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding against all paths of few steps, one by one. */
class CtcDecoderTest {
    /** Two steps, of which each is likeliest a blank, but label 1 is likelier than none: 0.36 to 0.64 of all paths. */
    private static final float[][] HIDDEN = {logs(0.6, 0.4), logs(0.6, 0.4)};

    private static float[] logs(double... probabilities) {
        float[] result = new float[probabilities.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) Math.log(probabilities[i]);
        }
        return result;
    }

    private static float[][] random(long seed, int steps, int classes) {
        Random random = new Random(seed);
        float[][] outputs = new float[steps][classes];
        for (float[] step : outputs) {
            for (int c = 0; c < classes; c++) {
                step[c] = (float) random.nextGaussian() * 1.5f;
            }
        }
        return outputs;
    }

    /** Of all paths that say certain labels: their probability, and the likeliest of them. */
    private static final class Found {
        double probability;
        double best = Double.NEGATIVE_INFINITY;
        List<Integer> path = List.of();
    }

    private static Map<List<Integer>, Found> allOf(float[][] outputs, int blank) {
        double[][] logits = new double[outputs.length][];
        for (int t = 0; t < outputs.length; t++) {
            logits[t] = new double[outputs[t].length];
            for (int c = 0; c < outputs[t].length; c++) {
                logits[t][c] = outputs[t][c];
            }
        }
        Map<List<Integer>, Found> all = new HashMap<>();
        NaiveCtc.eachPath(NaiveCtc.logSoftmax(logits), (path, logProbability) -> {
            Found found = all.computeIfAbsent(NaiveCtc.collapse(path, blank), key -> new Found());
            found.probability += Math.exp(logProbability);
            if (logProbability > found.best) {
                found.best = logProbability;
                found.path = Arrays.stream(path).boxed().toList();
            }
        });
        return all;
    }

    private static List<Integer> labels(CtcHypothesis hypothesis) {
        return Arrays.stream(hypothesis.labels()).boxed().toList();
    }

    private static List<Integer> firstSteps(List<Integer> path, int blank) {
        List<Integer> steps = new ArrayList<>();
        for (int t = 0; t < path.size(); t++) {
            if (path.get(t) != blank && (t == 0 || !path.get(t).equals(path.get(t - 1)))) {
                steps.add(t);
            }
        }
        return steps;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aWideSearchFindsTheSumsOverAllPaths(int blank) {
        for (int seed = 0; seed < 20; seed++) {
            float[][] outputs = random(seed, 1 + seed % 6, 3);
            Map<List<Integer>, Found> all = allOf(outputs, blank);
            List<CtcHypothesis> found =
                    CtcDecoder.create().blank(blank).width(10_000).search(outputs);
            assertThat(found.stream().map(CtcDecoderTest::labels)).containsExactlyInAnyOrderElementsOf(all.keySet());
            assertThat(found)
                    .isSortedAccordingTo(
                            Comparator.comparingDouble(CtcHypothesis::score).reversed());
            for (CtcHypothesis each : found) {
                Found right = all.get(labels(each));
                assertThat(Math.exp(each.logProbability())).isCloseTo(right.probability, within(1e-9));
                assertThat(each.score()).isEqualTo(each.logProbability());
                assertThat(Arrays.stream(each.steps()).boxed().toList()).isEqualTo(firstSteps(right.path, blank));
            }
        }
    }

    @Test
    void theLikeliestPathIsThatOfAllPaths() {
        for (int seed = 0; seed < 20; seed++) {
            float[][] outputs = random(seed, 5, 3);
            CtcHypothesis greedy = CtcDecoder.create().blank(1).greedy(outputs);
            Found best = allOf(outputs, 1).values().stream()
                    .max(Comparator.comparingDouble(found -> found.best))
                    .orElseThrow();
            assertThat(labels(greedy))
                    .isEqualTo(NaiveCtc.collapse(
                            best.path.stream().mapToInt(c -> c).toArray(), 1));
            assertThat(greedy.logProbability()).isCloseTo(best.best, within(1e-9));
            assertThat(Arrays.stream(greedy.steps()).boxed().toList()).isEqualTo(firstSteps(best.path, 1));
        }
    }

    @Test
    void stepsThatComeOneAfterTheOtherSayTheSame() {
        float[][] outputs = random(4, 100, 3);
        CtcStream stream = CtcDecoder.create().blank(1).stream();
        assertThat(stream.found().labels()).isEmpty();
        for (int from = 0; from < 100; from += 7) {
            stream.take(Arrays.copyOfRange(outputs, from, Math.min(100, from + 7)));
        }
        CtcHypothesis whole = CtcDecoder.create().blank(1).greedy(outputs);
        assertThat(stream.found().labels()).hasSizeGreaterThan(16).isEqualTo(whole.labels());
        assertThat(stream.found().steps()).isEqualTo(whole.steps());
        assertThat(stream.found().logProbability()).isEqualTo(whole.logProbability());
    }

    @Test
    void searchFindsWhatTheLikeliestPathMisses() {
        assertThat(CtcDecoder.create().greedy(HIDDEN).labels()).isEmpty();
        CtcHypothesis found = CtcDecoder.create().width(2).search(HIDDEN).get(0);
        assertThat(found.labels()).containsExactly(1);
        assertThat(Math.exp(found.logProbability())).isCloseTo(0.64, within(1e-6));
    }

    /** A prefix that was dropped is come to again, and its longer ones were kept: a narrow search counts no path twice. */
    @Test
    void aNarrowSearchFindsNoMoreThanThereIs() {
        for (int seed = 0; seed < 200; seed++) {
            float[][] outputs = random(seed, 6, 3);
            Map<List<Integer>, Found> all = allOf(outputs, 0);
            for (int width = 1; width < 5; width++) {
                List<CtcHypothesis> found = CtcDecoder.create().width(width).search(outputs);
                assertThat(found).hasSizeBetween(1, width);
                assertThat(found.stream().map(CtcDecoderTest::labels)).doesNotHaveDuplicates();
                for (CtcHypothesis each : found) {
                    assertThat(Math.exp(each.logProbability()))
                            .isLessThan(all.get(labels(each)).probability + 1e-9)
                            .isPositive();
                }
            }
        }
    }

    @Test
    void aLabelModelAndABonusAddToTheScore() {
        float[][] outputs = random(3, 5, 3);
        LabelModel model = (before, label) ->
                before.length > 0 && before[before.length - 1] == label ? Math.log(0.9) : Math.log(0.1);
        CtcDecoder decoder =
                CtcDecoder.create().width(10_000).labelModel(model, 0.7).labelBonus(0.3);
        Map<List<Integer>, Found> all = allOf(outputs, 0);
        List<CtcHypothesis> found = decoder.search(outputs);
        assertThat(found).hasSameSizeAs(all.keySet());
        for (CtcHypothesis each : found) {
            double score = Math.log(all.get(labels(each)).probability);
            int[] labels = each.labels();
            for (int i = 0; i < labels.length; i++) {
                score += 0.3 + 0.7 * model.logProbability(Arrays.copyOf(labels, i), labels[i]);
            }
            assertThat(each.score()).isCloseTo(score, within(1e-9));
        }
        assertThat(found)
                .isSortedAccordingTo(
                        Comparator.comparingDouble(CtcHypothesis::score).reversed());
        assertThat(labels(found.get(0)))
                .isNotEqualTo(labels(CtcDecoder.create().search(outputs).get(0)));
    }

    /** Each by itself says a letter at a step of its own, so that the mean of their outputs says nothing. */
    @Test
    void severalModelsAreHeardTogether() {
        List<float[][]> outputs = List.of(random(5, 5, 3), random(6, 5, 3));
        List<CtcHypothesis> found = CtcDecoder.create().width(10_000).search(outputs);
        List<Map<List<Integer>, Found>> all =
                outputs.stream().map(each -> allOf(each, 0)).toList();
        assertThat(found).hasSameSizeAs(all.get(0).keySet());
        for (CtcHypothesis each : found) {
            double mean = (Math.log(all.get(0).get(labels(each)).probability)
                            + Math.log(all.get(1).get(labels(each)).probability))
                    / 2;
            assertThat(each.logProbability()).isCloseTo(mean, within(1e-9));
            assertThat(Arrays.stream(each.steps()).boxed().toList())
                    .isEqualTo(firstSteps(all.get(0).get(labels(each)).path, 0));
        }
        float[][] early = {logs(0.1, 0.9), logs(0.9, 0.1), logs(0.9, 0.1)};
        float[][] late = {logs(0.9, 0.1), logs(0.9, 0.1), logs(0.1, 0.9)};
        assertThat(CtcDecoder.create().search(List.of(early, late)).get(0).labels())
                .containsExactly(1);
        refused("outputs: expected those of at least one model, got none", () -> CtcDecoder.create()
                .search(List.of()));
    }

    @Test
    void aLabelModelTellsWhatMayEnd() {
        LabelModel even = new LabelModel() {
            @Override
            public double logProbability(int[] before, int label) {
                return 0;
            }

            @Override
            public double endLogProbability(int[] labels) {
                return labels.length == 2 ? Math.log(0.5) : Double.NEGATIVE_INFINITY;
            }
        };
        float[][] outputs = random(3, 5, 3);
        CtcDecoder decoder = CtcDecoder.create().width(10_000).labelModel(even, 1);
        List<CtcHypothesis> found = decoder.search(outputs);
        assertThat(found).hasSize(4).allMatch(each -> each.labels().length == 2);
        assertThat(found.get(0).score()).isCloseTo(found.get(0).logProbability() + Math.log(0.5), within(1e-9));
        // Nothing of one step may end: what is likeliest is said nevertheless.
        assertThat(decoder.search(Arrays.copyOf(outputs, 1))).hasSize(3);
    }

    @Test
    void noStepsSayNothing() {
        assertThat(CtcDecoder.create().greedy(new float[0][]).labels()).isEmpty();
        CtcHypothesis only = CtcDecoder.create().search(new float[0][]).get(0);
        assertThat(only.labels()).isEmpty();
        assertThat(only.logProbability()).isZero();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        CtcDecoder decoder = CtcDecoder.create();
        refused("blank: expected at least 0, got -1", () -> decoder.blank(-1));
        refused("width: expected at least 1, got 0", () -> decoder.width(0));
        refused("labelModel: expected a model, got null", () -> decoder.labelModel(null, 1));
        refused("labelBonus: expected a finite number, got NaN", () -> decoder.labelBonus(Double.NaN));
        refused("outputs[0]: expected more than 2 classes, got 2", () -> decoder.blank(2)
                .greedy(HIDDEN));
        refused("outputs[1]: expected 2 classes, got 1", () -> decoder.search(new float[][] {{1, 2}, {3}}));
        refused(
                "outputs[0]: expected finite numbers, got [NaN, 1.0]",
                () -> decoder.greedy(new float[][] {{Float.NaN, 1}}));
    }

    private static void refused(String message, ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
