package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.Stream;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every implementation of conditional random fields is held to: the definition, by enumeration of all sequences of labels in
 * double precision; properties of what is too large to enumerate; and scores at the ends of what floats can say.
 */
abstract class CrfContract extends OperationContract<CrfOp> {
    private static final float FORBIDDEN = Float.NEGATIVE_INFINITY;

    CrfContract() {
        super(CrfOp.class);
    }

    /** A problem with numbers of its own. */
    private static final class Problem {
        private final int steps;
        private final int batch;
        private final int labels;
        private final int[] rows;
        private final float[] transitions;
        private final float[] start;
        private final float[] end;
        private final float[] emissions;
        private final int[] right;

        Problem(int steps, int labels, int... rows) {
            this.steps = steps;
            this.batch = rows.length;
            this.labels = labels;
            this.rows = rows;
            this.transitions = gaussian(1, labels * labels);
            this.start = gaussian(2, labels);
            this.end = gaussian(3, labels);
            this.emissions = gaussian(4, steps * batch * labels);
            this.right = new int[steps * batch];
            Arrays.setAll(right, i -> (i * 5 + i / 3) % labels);
        }

        int at(int t, int b, int k) {
            return (t * batch + b) * labels + k;
        }

        /** Sequences of this kind are not allowed; label 0 is always. */
        Problem forbidding() {
            for (int k = 1; k < labels; k++) {
                transitions[k * labels + (k + 1) % labels] = k == labels - 1 ? transitions[k * labels] : FORBIDDEN;
            }
            start[labels - 1] = FORBIDDEN;
            end[labels - 1] = FORBIDDEN;
            Arrays.fill(right, 0);
            return this;
        }

        double score(int b, int... path) {
            double sum = start[path[0]] + (double) end[path[path.length - 1]];
            for (int t = 0; t < path.length; t++) {
                sum += emissions[at(t, b, path[t])] + (t == 0 ? 0.0 : transitions[path[t - 1] * labels + path[t]]);
            }
            return sum;
        }

        int[] right(int b) {
            int[] path = new int[rows[b]];
            Arrays.setAll(path, t -> right[t * batch + b]);
            return path;
        }

        /** All sequences of a row with their scores. */
        void enumerate(int b, ObjDoubleConsumer<int[]> each) {
            int[] path = new int[rows[b]];
            long count = Math.round(Math.pow(labels, path.length));
            for (long n = 0; n < count; n++) {
                long rest = n;
                for (int t = 0; t < path.length; t++) {
                    path[t] = (int) (rest % labels);
                    rest /= labels;
                }
                each.accept(path, score(b, path));
            }
        }

        double partition(int b) {
            double[] sum = new double[1];
            enumerate(b, (path, score) -> sum[0] += Math.exp(score));
            return Math.log(sum[0]);
        }
    }

    private Tensor labels(Problem p) {
        Tensor tensor = scope.i32("labels", p.steps, p.batch);
        tensor.write(p.right);
        return tensor;
    }

    private CrfScores scores(Problem p) {
        return new CrfScores(
                guarded.input("transitions", p.transitions, p.labels, p.labels),
                guarded.input("start", p.start, p.labels),
                guarded.input("end", p.end, p.labels));
    }

    /** The emissions, NaN behind the lengths. */
    private Tensor emissions(Problem p) {
        float[] values = p.emissions.clone();
        for (int b = 0; b < p.batch; b++) {
            for (int t = p.rows[b]; t < p.steps; t++) {
                Arrays.fill(values, p.at(t, b, 0), p.at(t, b, 0) + p.labels, Float.NaN);
            }
        }
        return guarded.input("emissions", values, p.steps, p.batch, p.labels);
    }

    private Lengths lengths(Problem p) {
        return Arrays.stream(p.rows).allMatch(row -> row == p.steps) ? null : scope.lengths(p.steps, p.rows);
    }

    private float[] likelihood(Problem p) {
        Tensor y = guarded.output("y", p.batch);
        op.logLikelihood(scores(p), emissions(p), lengths(p), labels(p), y);
        guarded.check();
        return y.toFloats();
    }

    /** The gradients; those of scores less the 1 that was there before. */
    private record Gradients(Tensor dEmissions, CrfScores dScores) {
        float[] emissions() {
            return dEmissions.toFloats();
        }

        float[] transitions() {
            return less1(dScores.transitions());
        }

        float[] start() {
            return less1(dScores.start());
        }

        float[] end() {
            return less1(dScores.end());
        }
    }

    private Gradients gradients(Problem p, float... dy) {
        Tensor dEmissions = guarded.output("dEmissions", p.steps, p.batch, p.labels);
        CrfScores dScores = new CrfScores(
                guarded.accumulator("dTransitions", 1f, p.labels, p.labels),
                guarded.accumulator("dStart", 1f, p.labels),
                guarded.accumulator("dEnd", 1f, p.labels));
        op.logLikelihoodBackward(
                scores(p), emissions(p), lengths(p), labels(p), guarded.input("dy", dy, p.batch), dEmissions, dScores);
        guarded.check();
        return new Gradients(dEmissions, dScores);
    }

    private static float[] less1(Tensor tensor) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] -= 1f;
        }
        return values;
    }

    static Stream<Problem> enumerable() {
        return Stream.of(
                new Problem(1, 2, 1),
                new Problem(4, 3, 4, 0, 1, 3),
                new Problem(4, 3, 4, 4),
                new Problem(7, 2, 7, 2, 6),
                new Problem(3, 7, 3, 1, 2),
                new Problem(4, 3, 4, 0, 1, 3).forbidding(),
                new Problem(3, 6, 3, 2).forbidding());
    }

    @ParameterizedTest
    @MethodSource("enumerable")
    void agreesWithTheEnumeration(Problem p) {
        float[] dy = gaussian(9, p.batch);
        double[] y = new double[p.batch];
        double[] dEmissions = new double[p.emissions.length];
        double[] dTransitions = new double[p.transitions.length];
        double[] dStart = new double[p.labels];
        double[] dEnd = new double[p.labels];
        for (int row = 0; row < p.batch; row++) {
            int b = row;
            if (p.rows[b] == 0) {
                continue;
            }
            double partition = p.partition(b);
            y[b] = p.score(b, p.right(b)) - partition;
            ObjDoubleConsumer<int[]> add = (path, share) -> {
                dStart[path[0]] += share;
                dEnd[path[path.length - 1]] += share;
                for (int t = 0; t < path.length; t++) {
                    dEmissions[p.at(t, b, path[t])] += share;
                    if (t > 0) {
                        dTransitions[path[t - 1] * p.labels + path[t]] += share;
                    }
                }
            };
            add.accept(p.right(b), dy[b]);
            p.enumerate(b, (path, score) -> add.accept(path, -dy[b] * Math.exp(score - partition)));
        }
        Compare.assertClose("y", likelihood(p), y, 1e-6);
        Gradients gradients = gradients(p, dy);
        Compare.assertClose("dEmissions", gradients.emissions(), dEmissions, 1e-6);
        Compare.assertClose("dTransitions", gradients.transitions(), dTransitions, 1e-6);
        Compare.assertClose("dStart", gradients.start(), dStart, 1e-6);
        Compare.assertClose("dEnd", gradients.end(), dEnd, 1e-6);
    }

    @ParameterizedTest
    @MethodSource("enumerable")
    void bestPathsAreTheBestOfAll(Problem p) {
        int[] expected = new int[p.steps * p.batch];
        double[] most = new double[p.batch];
        Arrays.fill(expected, -1);
        for (int row = 0; row < p.batch; row++) {
            int b = row;
            most[b] = p.rows[b] == 0 ? 0 : Double.NEGATIVE_INFINITY;
            for (int t = 0; t < p.rows[b]; t++) {
                expected[t * p.batch + b] = 0;
            }
            if (p.rows[b] > 0) {
                p.enumerate(b, (path, score) -> {
                    if (score > most[b]) {
                        most[b] = score;
                        for (int t = 0; t < path.length; t++) {
                            expected[t * p.batch + b] = path[t];
                        }
                    }
                });
            }
        }
        Tensor path = scope.i32("path", p.steps, p.batch);
        Tensor best = guarded.output("best", p.batch);
        op.decode(scores(p), emissions(p), lengths(p), path, best);
        assertThat(path.toInts()).isEqualTo(expected);
        Compare.assertClose("best", best.toFloats(), most, 1e-6);
        guarded.check();
    }

    /**
     * pytorch-crf's definition on numbers that can be reckoned by hand: two labels, two steps; e = [[1, 2], [3, 4]], start [0.5, 0],
     * end [0, 0.25], transitions [[1, -1], [0, 2]]. Paths score 00: 5.5, 01: 4.75, 10: 5, 11: 8.25.
     */
    @Test
    void agreesWithTheHandWorkedExample() {
        Problem p = new Problem(2, 2, 2);
        System.arraycopy(new float[] {1, -1, 0, 2}, 0, p.transitions, 0, 4);
        System.arraycopy(new float[] {0.5f, 0}, 0, p.start, 0, 2);
        System.arraycopy(new float[] {0, 0.25f}, 0, p.end, 0, 2);
        System.arraycopy(new float[] {1, 2, 3, 4}, 0, p.emissions, 0, 4);
        System.arraycopy(new int[] {0, 1}, 0, p.right, 0, 2);
        // log(e^5.5 + e^4.75 + e^5 + e^8.25) = 8.25 + log(1 + e^-2.75 + e^-3.5 + e^-3.25)
        double partition = 8.25 + Math.log(1 + 0.06392786120670757 + 0.0301973834223185 + 0.03877420783172201);
        Compare.assertClose("y", likelihood(p), new double[] {4.75 - partition}, 1e-6);
        Tensor path = scope.i32("path", 2, 1);
        Tensor best = guarded.output("best", 1);
        op.decode(scores(p), emissions(p), null, path, best);
        assertThat(path.toInts()).containsExactly(1, 1);
        assertThat(best.toFloats()).containsExactly(8.25f);
    }

    /** Marginals of a step sum to 1, of all label sets: so gradients of emissions sum to 0. A long row needs logarithms. */
    @ParameterizedTest
    @ValueSource(ints = {9, 64, 128, 131})
    void manyLabelsAndSteps(int labels) {
        Problem p = new Problem(40, labels, 40, 17);
        Gradients g = gradients(p, 1f, 1f);
        double[] sums = new double[p.steps * p.batch];
        float[] dEmissions = g.emissions();
        float[] dTransitions = g.transitions();
        for (int i = 0; i < dEmissions.length; i++) {
            sums[i / labels] += dEmissions[i];
        }
        for (double sum : sums) {
            assertThat(Math.abs(sum)).as("sum of the gradients of one step").isLessThan(1e-5);
        }
        double of = 0;
        for (float gradient : dTransitions) {
            of += gradient;
        }
        assertThat(Math.abs(of)).as("sum of the gradients of transitions").isLessThan(1e-3);
        // Central differences in the direction of the gradient itself, whose length they must give.
        float step = 1e-2f / labels;
        double squares = 0;
        for (float gradient : dEmissions) {
            squares += (double) gradient * gradient;
        }
        for (float gradient : dTransitions) {
            squares += (double) gradient * gradient;
        }
        double difference =
                (moved(p, dEmissions, dTransitions, step) - moved(p, dEmissions, dTransitions, -step)) / (2 * step);
        assertThat(difference / squares).as("difference quotient").isBetween(0.99, 1.01);
    }

    private double moved(Problem p, float[] dEmissions, float[] dTransitions, float step) {
        Problem other = new Problem(p.steps, p.labels, p.rows);
        for (int i = 0; i < dEmissions.length; i++) {
            other.emissions[i] += step * dEmissions[i];
        }
        for (int i = 0; i < dTransitions.length; i++) {
            other.transitions[i] += step * dTransitions[i];
        }
        double sum = 0;
        for (float y : likelihood(other)) {
            sum += y;
        }
        return sum;
    }

    /**
     * Where the likely label may not follow the likely one before: probabilities that are 0 in double precision carry all of Z. By
     * hand: labels 0 and 1 with e = 2000 and 0 at the first step, 0 and 2000 at the second, and 0 may not be followed by 1: paths 00 and
     * 11 score 2000, 10 scores 0.
     */
    @Test
    void scoresFarApartLoseNothing() {
        Problem p = new Problem(2, 2, 2);
        System.arraycopy(new float[] {0, FORBIDDEN, 0, 0}, 0, p.transitions, 0, 4);
        Arrays.fill(p.start, 0f);
        Arrays.fill(p.end, 0f);
        System.arraycopy(new float[] {2000, 0, 0, 2000}, 0, p.emissions, 0, 4);
        Arrays.fill(p.right, 0);
        Compare.assertClose("y", likelihood(p), new double[] {-Math.log(2)}, 1e-6);
        Gradients g = gradients(p, 1f);
        Compare.assertClose("dEmissions", g.emissions(), new double[] {0.5, -0.5, 0.5, -0.5}, 1e-6);
        Compare.assertClose("dTransitions", g.transitions(), new double[] {0.5, 0, 0, -0.5}, 1e-6);
    }

    @Test
    void whatIsNotAllowedHasNoProbability() {
        Problem p = new Problem(3, 3, 3, 3, 3).forbidding();
        p.right[p.at(1, 1, 0) / 3] = 1;
        p.right[p.at(2, 1, 0) / 3] = 2;
        p.right[p.at(0, 2, 0) / 3] = 3;
        float[] y = likelihood(p);
        assertThat(y[0]).isFinite();
        assertThat(y[1]).isEqualTo(FORBIDDEN);
        assertThat(y[2]).isNaN();
        float[] gradients = gradients(p, 1f, 0f, 0f).transitions();
        assertThat(gradients[1 * 3 + 2]).as("gradient of what is forbidden").isZero();
        for (float gradient : gradients) {
            assertThat(gradient).isFinite();
        }
        assertThat(gradients(p, 1f, 1f, 0f).transitions()[0]).isNaN();
        assertThat(gradients(p, 0f, 0f, 1f).emissions()[p.at(0, 2, 1)]).isNaN();
    }

    @Test
    void withoutAnAllowedSequenceThereIsNoPath() {
        Problem p = new Problem(2, 2, 2, 1);
        Arrays.fill(p.transitions, FORBIDDEN);
        Tensor path = scope.i32("path", 2, 2);
        Tensor best = guarded.output("best", 2);
        op.decode(scores(p), emissions(p), lengths(p), path, best);
        assertThat(path.toInts()).startsWith(-1).endsWith(-1, -1).doesNotContain(2);
        assertThat(path.toInts()[1]).isBetween(0, 1);
        assertThat(best.toFloats()[0]).isEqualTo(FORBIDDEN);
        assertThat(best.toFloats()[1]).isFinite();
    }

    /** Of equal scores the lowest label, from the last step back. */
    @Test
    void equalScoresGiveTheLowestLabels() {
        Problem p = new Problem(3, 4, 3);
        Arrays.fill(p.transitions, 0.5f);
        Arrays.fill(p.start, 0f);
        Arrays.fill(p.end, 0f);
        Arrays.fill(p.emissions, 1f);
        Tensor path = scope.i32("path", 3, 1);
        op.decode(scores(p), emissions(p), null, path, guarded.output("best", 1));
        assertThat(path.toInts()).containsExactly(0, 0, 0);
    }

    @Test
    void aNumberThatIsNoneIsSeen() {
        Problem p = new Problem(3, 3, 3, 3);
        p.emissions[p.at(1, 0, 2)] = Float.NaN;
        float[] y = likelihood(p);
        assertThat(y[0]).isNaN();
        assertThat(y[1]).isFinite();
        Tensor path = scope.i32("path", 3, 2);
        op.decode(scores(p), emissions(p), null, path, guarded.output("best", 2));
        for (int label : path.toInts()) {
            assertThat(label).isBetween(0, 2);
        }
    }

    @Test
    void givesTheSameBitsEveryTime() {
        Problem p = new Problem(20, 9, 20, 3, 7, 20, 1, 0, 19, 20, 20, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        float[] dy = gaussian(5, p.batch);
        Gradients first = gradients(p, dy);
        for (int run = 0; run < 3; run++) {
            Gradients again = gradients(p, dy);
            Compare.assertSameBits("dTransitions", again.transitions(), first.transitions());
            Compare.assertSameBits("dStart", again.start(), first.start());
            Compare.assertSameBits("dEmissions", again.emissions(), first.emissions());
        }
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Problem p = new Problem(3, 4, 3, 2);
        CrfScores scores = scores(p);
        Tensor emissions = emissions(p);
        Tensor labels = labels(p);
        Tensor y = scope.zeros("y", 2);
        refused("scores: expected a value, got null", () -> op.logLikelihood(null, emissions, null, labels, y));
        refused(
                "emissions: expected shape [T, B, K], got [3, 8]",
                () -> op.logLikelihood(scores, scope.zeros("flat", 3, 8), null, labels, y));
        refused(
                "transitions: expected shape [4, 4], got [4, 3]",
                () -> op.decode(
                        new CrfScores(scope.zeros("t", 4, 3), scores.start(), scores.end()),
                        emissions,
                        null,
                        scope.i32("path", 3, 2),
                        y));
        refused(
                "end: expected a tensor, got null",
                () -> op.logLikelihood(
                        new CrfScores(scores.transitions(), scores.start(), null), emissions, null, labels, y));
        refused(
                "labels: expected elements of I32, got F32",
                () -> op.logLikelihood(scores, emissions, null, scope.zeros("labels", 3, 2), y));
        refused(
                "labels: expected shape [3, 2], got [2, 3]",
                () -> op.logLikelihood(scores, emissions, null, scope.i32("labels", 2, 3), y));
        refused(
                "y: expected shape [2], got [3]",
                () -> op.logLikelihood(scores, emissions, null, labels, scope.zeros("y", 3)));
        refused(
                "lengths: expected 2 rows of at most 3 steps, got 2 rows of at most 4",
                () -> op.logLikelihood(scores, emissions, scope.lengths(4, 1, 2), labels, y));
        refused(
                "path: expected elements of I32, got F32",
                () -> op.decode(scores, emissions, null, scope.zeros("path", 3, 2), y));
        refused(
                "dScores: expected a value, got null",
                () -> op.logLikelihoodBackward(scores, emissions, null, labels, y, scope.zeros("d", 3, 2, 4), null));
        refused(
                "dEmissions: given twice in one call",
                () -> op.logLikelihoodBackward(
                        scores,
                        emissions,
                        null,
                        labels,
                        y,
                        emissions,
                        new CrfScores(scope.zeros("t", 4, 4), scope.zeros("s", 4), scope.zeros("e", 4))));
    }
}
