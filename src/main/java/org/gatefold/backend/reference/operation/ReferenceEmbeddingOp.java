package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Look-ups in plain Java. Stateless and thread-safe. */
public final class ReferenceEmbeddingOp extends ReferenceOperation implements EmbeddingOp {
    private static final double NORM_EPSILON = 1e-7;

    @Override
    public void computeForward(Tensor ids, Lengths lengths, Tensor w, float maxNorm, Tensor y) {
        IntBuffer from = Floats.ints(ids);
        FloatBuffer table = Floats.of(w);
        FloatBuffer to = Floats.of(y);
        int vocabulary = w.shape().dim(0);
        int width = w.shape().dim(1);
        int batch = ids.shape().dim(1);
        for (int n = 0; n < from.capacity(); n++) {
            int id = from.get(n);
            boolean known = id >= 0 && id < vocabulary;
            double scale = known && maxNorm > 0f ? scale(table, id * width, width, maxNorm) : 1;
            for (int d = 0; d < width; d++) {
                float value = known ? (float) (table.get(id * width + d) * scale) : Float.NaN;
                to.put(n * width + d, isPadding(lengths, n, batch) ? 0f : value);
            }
        }
    }

    @Override
    public void computeSort(
            Tensor ids, Lengths lengths, int vocabulary, int paddingId, Tensor sorted, Tensor positions) {
        IntBuffer from = Floats.ints(ids);
        int batch = ids.shape().dim(1);
        int[] keys = new int[from.capacity()];
        for (int n = 0; n < keys.length; n++) {
            int id = from.get(n);
            boolean goesBack = id >= 0 && id < vocabulary && id != paddingId && !isPadding(lengths, n, batch);
            keys[n] = goesBack ? id : vocabulary;
        }
        // Sorting of objects is stable.
        int[] order = IntStream.range(0, keys.length)
                .boxed()
                .sorted(Comparator.comparingInt(n -> keys[n]))
                .mapToInt(Integer::intValue)
                .toArray();
        IntBuffer sortedTo = Floats.ints(sorted);
        IntBuffer positionsTo = Floats.ints(positions);
        for (int i = 0; i < order.length; i++) {
            sortedTo.put(i, keys[order[i]]);
            positionsTo.put(i, order[i]);
        }
    }

    @Override
    public void computeBackward(Tensor sorted, Tensor positions, Tensor dy, Tensor dw) {
        IntBuffer ids = Floats.ints(sorted);
        IntBuffer order = Floats.ints(positions);
        FloatBuffer gradient = Floats.of(dy);
        FloatBuffer to = Floats.of(dw);
        int width = dw.shape().dim(1);
        for (int first = 0; first < ids.capacity(); ) {
            int end = end(ids, first);
            if (isRow(ids.get(first), dw)) {
                for (int d = 0; d < width; d++) {
                    double sum = 0;
                    for (int i = first; i < end; i++) {
                        sum += gradient.get(order.get(i) * width + d);
                    }
                    int at = ids.get(first) * width + d;
                    to.put(at, to.get(at) + (float) sum);
                }
            }
            first = end;
        }
    }

    @Override
    public void computeRenormalize(Tensor sorted, float maxNorm, Tensor w) {
        FloatBuffer table = Floats.of(w);
        int width = w.shape().dim(1);
        eachRow(sorted, w, row -> {
            double scale = scale(table, row * width, width, maxNorm);
            for (int i = row * width; i < (row + 1) * width && scale != 1; i++) {
                table.put(i, (float) (table.get(i) * scale));
            }
        });
    }

    @Override
    public void computeClear(Tensor sorted, Tensor dw) {
        FloatBuffer to = Floats.of(dw);
        int width = dw.shape().dim(1);
        eachRow(sorted, dw, row -> {
            for (int i = row * width; i < (row + 1) * width; i++) {
                to.put(i, 0f);
            }
        });
    }

    private interface Row {
        void of(int row);
    }

    private static void eachRow(Tensor sorted, Tensor table, Row row) {
        IntBuffer ids = Floats.ints(sorted);
        for (int first = 0; first < ids.capacity(); first = end(ids, first)) {
            if (isRow(ids.get(first), table)) {
                row.of(ids.get(first));
            }
        }
    }

    private static boolean isRow(int id, Tensor table) {
        return id >= 0 && id < table.shape().dim(0);
    }

    /** The first element behind {@code first} that is another id. */
    private static int end(IntBuffer ids, int first) {
        int end = first + 1;
        while (end < ids.capacity() && ids.get(end) == ids.get(first)) {
            end++;
        }
        return end;
    }

    private static boolean isPadding(Lengths lengths, int n, int batch) {
        return lengths != null && n / batch >= lengths.of(n % batch);
    }

    /** What a row is multiplied by so that it is not longer than {@code maxNorm}. */
    private static double scale(FloatBuffer table, int from, int width, float maxNorm) {
        double squares = 0;
        for (int i = from; i < from + width; i++) {
            squares += (double) table.get(i) * table.get(i);
        }
        double norm = Math.sqrt(squares);
        return norm > maxNorm ? maxNorm / (norm + NORM_EPSILON) : 1;
    }
}
