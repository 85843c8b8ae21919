package org.gatefold.layer.output;

import java.util.Arrays;
import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Tensor;

/**
 * The classes that a {@link SampledSoftmax} draws in a step beside the labels, and where they meet, in arrays that are kept. Classes are
 * drawn on the host, so that they are the same on every device: class k with the probability {@code log((k + 2) / (k + 1)) / log(V + 1)},
 * TensorFlow's log-uniform candidates. Owns its memory on the device of the context. One thread at a time.
 */
final class SampledClasses implements Carried {
    /** Label of rows that do not count. */
    static final int IGNORED = -1;

    private static final int NONE = -1;

    private final Scope scope;
    private final int vocabulary;
    private final boolean replacement;
    private final double logRange;
    private final CountedLabels labels;
    private final int[] classes;
    private final float[] classCorrections;
    /** For each class the first place where it was drawn. */
    private final int[] first;
    /** For each place the next one of the same class. */
    private final int[] next;

    private final int[] words = new int[4];
    private final Tensor ones;
    private long tries;
    private int[] rowClasses = {};
    private float[] rowCorrections = {};
    private int[] targets = {};
    private int[] touched = {};
    private int[] hits = {};
    private int hitCount;
    private int[] counting = {};

    SampledClasses(Scope parent, String layer, int vocabulary, int samples, int features, boolean replacement) {
        scope = parent.child("sampled softmax");
        this.vocabulary = vocabulary;
        this.replacement = replacement;
        logRange = StrictMath.log(vocabulary + 1.0);
        labels = new CountedLabels(layer, vocabulary);
        classes = new int[samples];
        classCorrections = new float[samples];
        first = new int[vocabulary];
        Arrays.fill(first, NONE);
        next = new int[samples];
        ones = scope.f32("ones", 1, features);
        ones.fill(1f);
    }

    /** Draws the classes of a step, and compares them with its labels. */
    void draw(long seed, Tensor of, Tensor weights, int ignored) {
        labels.read(of, weights, ignored);
        draw(seed);
        meet();
        for (int k : classes) {
            first[k] = NONE;
        }
    }

    private void draw(long seed) {
        int drawn = 0;
        tries = 0;
        while (drawn < classes.length) {
            int k = candidate(seed, tries++);
            if (replacement || first[k] == NONE) {
                first[k] = drawn;
                classes[drawn++] = k;
            }
        }
        Arrays.fill(next, NONE);
        if (replacement) {
            for (int k : classes) {
                first[k] = NONE;
            }
            for (int j = classes.length - 1; j >= 0; j--) {
                next[j] = first[classes[j]];
                first[classes[j]] = j;
            }
        }
        for (int j = 0; j < classes.length; j++) {
            classCorrections[j] = (float) -StrictMath.log(expected(classes[j]));
        }
    }

    /** Two words of a block for each draw, 53 bits: 24 would not reach the rarest of many classes. */
    private int candidate(long seed, long draw) {
        Philox.words(seed, 0, draw >>> 1, words);
        int at = (int) (draw & 1) * 2;
        double uniform = ((words[at] >>> 5) * 0x1p26 + (words[at + 1] >>> 6)) * 0x1p-53;
        return Math.min((int) StrictMath.exp(uniform * logRange) - 1, vocabulary - 1);
    }

    /** How often a class is expected among those drawn, given how many draws these took. */
    private double expected(int k) {
        double p = StrictMath.log1p(1.0 / (k + 1)) / logRange;
        return replacement ? p * classes.length : -StrictMath.expm1(tries * StrictMath.log1p(-p));
    }

    private void meet() {
        int rows = labels.rows();
        if (rowClasses.length < rows) {
            rowClasses = new int[rows];
            rowCorrections = new float[rows];
            targets = new int[rows];
        }
        hitCount = 0;
        for (int n = 0; n < rows; n++) {
            boolean counts = labels.counts(n);
            // A row that does not count looks at a class that is drawn anyway, so that it touches no other.
            int label = counts ? labels.label(n) : classes[0];
            rowClasses[n] = label;
            rowCorrections[n] = (float) -StrictMath.log(expected(label));
            targets[n] = counts ? 0 : IGNORED;
            for (int j = counts ? first[label] : NONE; j != NONE; j = next[j]) {
                add(Math.toIntExact(n * (classes.length + 1L) + 1 + j));
            }
        }
    }

    private void add(int place) {
        if (hitCount == hits.length) {
            hits = Arrays.copyOf(hits, Math.max(labels.rows(), 2 * hits.length));
        }
        hits[hitCount++] = place;
    }

    /** The classes drawn. */
    int[] classes() {
        return classes;
    }

    /** For each class drawn less the logarithm of how often it was expected. */
    float[] classCorrections() {
        return classCorrections;
    }

    /** For each row its label, or some class where it does not count. */
    int[] rowClasses() {
        return rowClasses;
    }

    /** For each row less the logarithm of how often its label was expected. */
    float[] rowCorrections() {
        return rowCorrections;
    }

    /** For each row the column of its label, 0, or {@link #IGNORED}. */
    int[] targets() {
        return targets;
    }

    /** Places in {@code [N, 1 + S]}, ascending, at which the class drawn is the label of the row. */
    int[] hits() {
        return hits;
    }

    /** How many places there are. */
    int hitCount() {
        return hitCount;
    }

    /** 0, 1, 2 and so on, one for each place. */
    int[] counting() {
        if (counting.length < hitCount) {
            counting = new int[hits.length];
            for (int i = 0; i < counting.length; i++) {
                counting[i] = i;
            }
        }
        return counting;
    }

    /** All classes looked at, ascending, then {@code vocabulary} to the end. */
    int[] touched() {
        int count = classes.length + labels.rows();
        if (touched.length < count) {
            touched = new int[count];
        }
        System.arraycopy(classes, 0, touched, 0, classes.length);
        System.arraycopy(rowClasses, 0, touched, classes.length, labels.rows());
        Arrays.fill(touched, count, touched.length, vocabulary);
        Arrays.sort(touched, 0, count);
        return touched;
    }

    /** {@code [1, F]}. */
    Tensor ones() {
        return ones;
    }

    /** Keeps all: nothing goes from step to step. */
    @Override
    public void clear() {}

    @Override
    public void close() {
        scope.close();
    }
}
