package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every implementation of look-ups is held to. */
abstract class EmbeddingContract extends OperationContract<EmbeddingOp> {
    EmbeddingContract() {
        super(EmbeddingOp.class);
    }

    /** A call's arguments, ids by row and step, with an id of padding and one outside the table. */
    private static final class Case {
        private final int steps;
        private final int[] lengths;
        private final int vocabulary;
        private final int padding;
        private final int[] ids;

        Case(int steps, int batch, int vocabulary, boolean ragged) {
            this.steps = steps;
            this.vocabulary = vocabulary;
            this.padding = vocabulary - 1;
            Random random = new Random(steps * 31L + vocabulary);
            ids = random.ints((long) steps * batch, 0, vocabulary).toArray();
            for (int i = 0; i < ids.length; i += 3) {
                ids[i] = ids[0]; // often, so that many positions go back to one row
            }
            if (ids.length > 4) {
                ids[4] = vocabulary;
            }
            lengths = ragged ? random.ints(batch, 0, steps + 1).toArray() : null;
        }

        int batch() {
            return ids.length / steps;
        }

        boolean isPadding(int n) {
            return lengths != null && n / batch() >= lengths[n % batch()];
        }

        boolean goesBack(int n) {
            return !isPadding(n) && ids[n] < vocabulary && ids[n] != padding;
        }
    }

    private Tensor ids(Case given) {
        Tensor ids = scope.i32("ids", given.steps, given.batch());
        ids.write(given.ids);
        return ids;
    }

    private Lengths lengths(Case given) {
        return given.lengths == null ? null : scope.lengths(given.steps, given.lengths);
    }

    /** A tensor of integers between margins, which {@link #requireMargins} looks at. */
    private Tensor integers(String name, int count) {
        Tensor whole = scope.i32(name, count + 2);
        whole.fill(-77);
        return whole;
    }

    private static Tensor inner(Tensor whole) {
        int count = Math.toIntExact(whole.elements()) - 2;
        return whole.part(whole.name(), 1, Shape.of(count));
    }

    private static void requireMargins(Tensor whole) {
        int[] all = whole.toInts();
        assertThat(all[0]).as("before %s", whole).isEqualTo(-77);
        assertThat(all[all.length - 1]).as("behind %s", whole).isEqualTo(-77);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,1,false", "7,5,11,19,false", "7,5,11,19,true", "40,9,300,33,true", "200,3,5000,4,false"})
    void agreesWithTheEquations(int steps, int batch, int vocabulary, int width, boolean ragged) {
        Case given = new Case(steps, batch, vocabulary, ragged);
        int count = steps * batch;
        float[] w = gaussian(1, vocabulary * width);
        float[] dy = gaussian(2, count * width);
        double[] dw = new double[w.length];
        Arrays.fill(dw, 0.5);
        float[] y = new float[dy.length];
        for (int n = 0; n < count; n++) {
            for (int d = 0; d < width; d++) {
                if (given.isPadding(n)) {
                    dy[n * width + d] = Float.NaN;
                } else {
                    y[n * width + d] = given.ids[n] < vocabulary ? w[given.ids[n] * width + d] : Float.NaN;
                }
                if (given.goesBack(n)) {
                    dw[given.ids[n] * width + d] += dy[n * width + d];
                }
            }
        }
        Tensor ids = ids(given);
        Tensor out = guarded.output("y", steps, batch, width);
        op.forward(ids, lengths(given), guarded.input("w", w, vocabulary, width), 0f, out);
        Compare.assertSameBits("y", withOneNaN(out.toFloats()), y);

        Tensor sorted = integers("sorted", count);
        Tensor positions = integers("positions", count);
        op.sort(ids, lengths(given), vocabulary, given.padding, inner(sorted), inner(positions));
        requireSorted(given, inner(sorted).toInts(), inner(positions).toInts());
        requireMargins(sorted);
        requireMargins(positions);

        Tensor gradient = guarded.accumulator("dw", 0.5f, vocabulary, width);
        Tensor from = guarded.input("dy", dy, count, width);
        op.backward(inner(sorted), inner(positions), from, gradient);
        Compare.assertClose("dw", gradient.toFloats(), dw, 1e-6);
        Tensor again = guarded.accumulator("dw again", 0.5f, vocabulary, width);
        op.backward(inner(sorted), inner(positions), from, again);
        Compare.assertSameBits("dw again", again.toFloats(), gradient.toFloats());

        op.clear(inner(sorted), gradient);
        float[] cleared = again.toFloats();
        for (int n = 0; n < count; n++) {
            if (given.goesBack(n)) {
                Arrays.fill(cleared, given.ids[n] * width, (given.ids[n] + 1) * width, 0f);
            }
        }
        Compare.assertSameBits("cleared", gradient.toFloats(), cleared);
        guarded.check();
    }

    /**
     * By PyTorch's documentation of {@code torch.nn.functional.embedding}: {@code max_norm} changes the weight in place, {@code padding_idx}
     * gets no gradient and is looked up like the others. Norms are 5, 0.5 and 10.
     */
    @Test
    void goldenValuesWithPaddingAndMaximalNorm() {
        Tensor ids = scope.i32("ids", 2, 2);
        ids.write(0, 1, 2, 0);
        Tensor w = guarded.input("w", new float[] {3f, 4f, 0.3f, 0.4f, 6f, 8f}, 3, 2);
        Tensor looked = guarded.output("y", 2, 2, 2);
        op.forward(ids, null, w, 1f, looked);
        Tensor sorted = scope.i32("sorted", 4);
        Tensor positions = scope.i32("positions", 4);
        op.sort(ids, null, 3, 1, sorted, positions);
        assertThat(sorted.toInts()).containsExactly(0, 0, 2, 3);
        assertThat(Arrays.copyOf(positions.toInts(), 3)).containsExactly(0, 3, 2);
        op.renormalize(sorted, 1f, w);
        Compare.assertClose("w", w.toFloats(), new double[] {0.6, 0.8, 0.3, 0.4, 0.6, 0.8}, 1e-6);
        Compare.assertClose("y", looked.toFloats(), new double[] {0.6, 0.8, 0.3, 0.4, 0.6, 0.8, 0.6, 0.8}, 1e-6);
        Tensor dw = guarded.accumulator("dw", 0f, 3, 2);
        Tensor dy = guarded.input("dy", new float[] {1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f}, 4, 2);
        op.backward(sorted, positions, dy, dw);
        assertThat(dw.toFloats()).containsExactly(8f, 10f, 0f, 0f, 5f, 6f);
    }

    /** The same values with the NaN of Java, whose bits others need not share. */
    private static float[] withOneNaN(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.isNaN(values[i]) ? Float.NaN : values[i];
        }
        return values;
    }

    private static void requireSorted(Case given, int[] sorted, int[] positions) {
        for (int i = 0; i < sorted.length; i++) {
            int n = positions[i];
            assertThat(sorted[i]).isEqualTo(given.goesBack(n) ? given.ids[n] : given.vocabulary);
            if (i > 0) {
                assertThat(sorted[i]).isGreaterThanOrEqualTo(sorted[i - 1]);
                assertThat(sorted[i] > sorted[i - 1] || n > positions[i - 1])
                        .as("equal ids stand in the order of their positions")
                        .isTrue();
            }
        }
        assertThat(Arrays.stream(positions).distinct().count()).isEqualTo(positions.length);
    }

    /** By hand: rows of norm 5, 0.5 and 13, limited to 1; the factor is 1 / (norm + 1e-7). */
    @Test
    void normsAreLimitedAsByHand() {
        float[] table = {3, 4, 0.3f, 0.4f, 5, 12};
        double[] limited = {3 / (5 + 1e-7), 4 / (5 + 1e-7), 0.3f, 0.4f, 5 / (13 + 1e-7), 12 / (13 + 1e-7)};
        Tensor ids = scope.i32("ids", 2, 2);
        ids.write(0, 1, 1, 2);
        Tensor w = guarded.output("w", 3, 2);
        w.write(table);
        Tensor y = guarded.output("y", 2, 2, 2);
        op.forward(ids, scope.lengths(2, 2, 2), w, 1f, y);
        Compare.assertClose(
                "y",
                y.toFloats(),
                new double[] {
                    limited[0], limited[1], limited[2], limited[3], limited[2], limited[3], limited[4], limited[5]
                },
                1e-7);
        Compare.assertSameBits("w", w.toFloats(), table);

        Tensor sorted = scope.i32("sorted", 4);
        Tensor positions = scope.i32("positions", 4);
        op.sort(ids, scope.lengths(2, 2, 1), 3, -1, sorted, positions);
        op.renormalize(sorted, 1f, w);
        double[] expected = limited.clone();
        expected[4] = 5; // only the last step of the second row names it, which is padding
        expected[5] = 12;
        Compare.assertClose("w", w.toFloats(), expected, 1e-7);
        guarded.check();
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor ids = scope.i32("ids", 3, 2);
        Tensor w = scope.zeros("w", 5, 4);
        Tensor y = scope.zeros("y", 3, 2, 4);
        Tensor sorted = scope.i32("sorted", 6);
        refused("ids: expected elements of I32, got F32", () -> op.forward(w, null, w, 0f, y));
        refused("ids: expected shape [T, B], got [6]", () -> op.forward(sorted, null, w, 0f, y));
        refused("w: expected shape [V, D], got [3, 2, 4]", () -> op.forward(ids, null, y, 0f, y));
        refused("y: expected shape [3, 2, 4], got [5, 4]", () -> op.forward(ids, null, w, 0f, w));
        refused("maxNorm: expected a finite value >= 0, got -1.0", () -> op.forward(ids, null, w, -1f, y));
        refused(
                "lengths: expected 2 rows of at most 3 steps, got 2 rows of at most 4",
                () -> op.forward(ids, scope.lengths(4, 1, 2), w, 0f, y));
        refused("vocabulary: expected at least 1, got 0", () -> op.sort(ids, null, 0, -1, sorted, sorted));
        refused(
                "paddingId: expected an id below the vocabulary of 5, or -1 for none, got 5",
                () -> op.sort(ids, null, 5, 5, sorted, sorted));
        refused("sorted: given twice in one call", () -> op.sort(ids, null, 5, -1, sorted, sorted));
        refused("dy: expected shape [6, 4], got [3, 2, 4]", () -> op.backward(sorted, scope.i32("p", 6), y, w));
        refused("maxNorm: expected a finite value > 0, got 0.0", () -> op.renormalize(sorted, 0f, w));
        refused("dw: expected shape [V, D], got [3, 2, 4]", () -> op.clear(sorted, y));
    }
}
