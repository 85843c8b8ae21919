package org.gatefold.contract.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.op.recurrent.RecurrentSpec;

/** Everything that goes into a recurrent operation, on the heap; null where an argument is not given. */
public final class RecurrentCase {
    private final RecurrentSpec spec;
    private final int[] lengths;
    private final float[] x;
    private final float[] h0;
    private final float[] c0;
    private final List<float[]> wx;
    private final List<float[]> wh;
    private final List<float[]> b;
    private final List<float[]> p;
    private final List<float[]> wr;
    private final List<float[]> norm;
    private final float[] dy;
    private final float[] dhn;
    private final float[] dcn;
    private final long seed;

    /**
     * @param lengths valid steps of each row
     * @param x {@code [T, B, I]}
     * @param h0 {@code [L·D, B, P]}
     * @param c0 {@code [L·D, B, H]}
     * @param wx for every layer and direction {@code [gates·H, in]}; null where the input skips the product
     * @param wh for every layer and direction {@code [gates·H, P]}
     * @param b for every layer and direction {@code [biases·H]}
     * @param p for every layer and direction {@code [3·H]}; empty without peepholes
     * @param wr for every layer and direction {@code [P, H]}; empty without a projection
     * @param norm for every layer and direction {@code [2·gates·H]}, of an LSTM {@code [10·H]}; empty without layer normalisation
     * @param dy {@code [T, B, D·P]}
     * @param dhn {@code [L·D, B, P]}
     * @param dcn {@code [L·D, B, H]}
     * @param seed of the dropout masks
     */
    public RecurrentCase(
            RecurrentSpec spec,
            int[] lengths,
            float[] x,
            float[] h0,
            float[] c0,
            List<float[]> wx,
            List<float[]> wh,
            List<float[]> b,
            List<float[]> p,
            List<float[]> wr,
            List<float[]> norm,
            float[] dy,
            float[] dhn,
            float[] dcn,
            long seed) {
        this.spec = spec;
        this.lengths = lengths;
        this.x = x;
        this.h0 = h0;
        this.c0 = c0;
        this.wx = wx;
        this.wh = wh;
        this.b = b;
        this.p = p;
        this.wr = wr;
        this.norm = norm;
        this.dy = dy;
        this.dhn = dhn;
        this.dcn = dcn;
        this.seed = seed;
    }

    /** A case without a projection and layer normalisation. */
    public RecurrentCase(
            RecurrentSpec spec,
            int[] lengths,
            float[] x,
            float[] h0,
            float[] c0,
            List<float[]> wx,
            List<float[]> wh,
            List<float[]> b,
            List<float[]> p,
            float[] dy,
            float[] dhn,
            float[] dcn,
            long seed) {
        this(spec, lengths, x, h0, c0, wx, wh, b, p, List.of(), List.of(), dy, dhn, dcn, seed);
    }

    public RecurrentSpec spec() {
        return spec;
    }

    public int[] lengths() {
        return lengths;
    }

    public float[] x() {
        return x;
    }

    public float[] h0() {
        return h0;
    }

    public float[] c0() {
        return c0;
    }

    public List<float[]> wx() {
        return wx;
    }

    public List<float[]> wh() {
        return wh;
    }

    public List<float[]> b() {
        return b;
    }

    public List<float[]> p() {
        return p;
    }

    public List<float[]> wr() {
        return wr;
    }

    public List<float[]> norm() {
        return norm;
    }

    public float[] dy() {
        return dy;
    }

    public float[] dhn() {
        return dhn;
    }

    public float[] dcn() {
        return dcn;
    }

    public long seed() {
        return seed;
    }

    /** Random numbers for every argument; rows of all lengths with one of 0; NaN in the padding of x and dy. */
    public static RecurrentCase random(RecurrentSpec spec, long seed) {
        Random random = new Random(seed);
        int[] lengths = new int[spec.batch()];
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = row == 1 ? 0 : 1 + random.nextInt(spec.steps());
        }
        lengths[lengths.length - 1] = spec.steps();
        return random(spec, lengths, seed);
    }

    /** Random numbers for every argument with given lengths, which may be null. */
    public static RecurrentCase random(RecurrentSpec spec, int[] lengths, long seed) {
        Random random = new Random(seed * 31 + 7);
        int ofH = spec.weightSets() * spec.batch() * spec.projectionSize();
        int ofC = spec.weightSets() * spec.batch() * spec.hiddenSize();
        int gateRows = spec.cell().gates() * spec.hiddenSize();
        float[] x = gaussian(random, spec.steps() * spec.batch() * spec.inputSize(), 1);
        float[] dy = gaussian(random, spec.steps() * spec.batch() * spec.outputSize(), 1);
        boolean cell = spec.cell().hasCellState();
        List<float[]> wx = new ArrayList<>();
        List<float[]> wh = new ArrayList<>();
        List<float[]> b = new ArrayList<>();
        List<float[]> p = new ArrayList<>();
        List<float[]> wr = new ArrayList<>();
        List<float[]> norm = new ArrayList<>();
        for (int set = 0; set < spec.weightSets(); set++) {
            int in = spec.inputOf(set / spec.directions());
            wx.add(
                    spec.skipsInput(set / spec.directions())
                            ? null
                            : gaussian(random, gateRows * in, 0.8 / Math.sqrt(in)));
            wh.add(gaussian(random, gateRows * spec.projectionSize(), 0.8 / Math.sqrt(spec.projectionSize())));
            b.add(gaussian(random, spec.biasSize(), 0.4));
            if (spec.options().peepholes()) {
                p.add(gaussian(random, 3 * spec.hiddenSize(), 0.4));
            }
            if (spec.options().layerNorm()) {
                norm.add(gaussian(random, normSize(spec), 0.6));
            }
            if (spec.projects()) {
                wr.add(gaussian(random, spec.projectionSize() * spec.hiddenSize(), 1.5 / Math.sqrt(spec.hiddenSize())));
            }
        }
        RecurrentCase made = new RecurrentCase(
                spec,
                lengths,
                x,
                gaussian(random, ofH, 0.5),
                cell ? gaussian(random, ofC, 0.8) : null,
                wx,
                wh,
                b,
                p,
                wr,
                norm,
                dy,
                gaussian(random, ofH, 1),
                cell ? gaussian(random, ofC, 1) : null,
                seed);
        return made.withPadding(Float.NaN);
    }

    /** Gains of both products, and of cells with a cell state gain and shift of it. */
    static int normSize(RecurrentSpec spec) {
        return (2 * spec.cell().gates() + (spec.cell().hasCellState() ? 2 : 0)) * spec.hiddenSize();
    }

    private static float[] gaussian(Random random, int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    /** The same with another value in the padding of x and dy. */
    public RecurrentCase withPadding(float value) {
        if (lengths == null) {
            return this;
        }
        return new RecurrentCase(
                spec,
                lengths,
                padded(x, spec.inputSize(), value),
                h0,
                c0,
                wx,
                wh,
                b,
                p,
                wr,
                norm,
                dy == null ? null : padded(dy, spec.outputSize(), value),
                dhn,
                dcn,
                seed);
    }

    private float[] padded(float[] values, int width, float value) {
        float[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            int step = i / width / spec.batch();
            int row = i / width % spec.batch();
            if (step >= lengths[row]) {
                result[i] = value;
            }
        }
        return result;
    }

    /** The same arguments under another spec of equal sizes. */
    public RecurrentCase withSpec(RecurrentSpec changed) {
        return new RecurrentCase(changed, lengths, x, h0, c0, wx, wh, b, p, wr, norm, dy, dhn, dcn, seed);
    }

    /** The same with other initial states. */
    public RecurrentCase withInitial(float[] h, float[] c) {
        return new RecurrentCase(spec, lengths, x, h, c, wx, wh, b, p, wr, norm, dy, dhn, dcn, seed);
    }

    /** The same with other gradients from above. */
    public RecurrentCase withGradients(float[] newDy, float[] newDhn, float[] newDcn) {
        return new RecurrentCase(spec, lengths, x, h0, c0, wx, wh, b, p, wr, norm, newDy, newDhn, newDcn, seed);
    }

    /** The same with another seed. */
    public RecurrentCase withSeed(long newSeed) {
        return new RecurrentCase(spec, lengths, x, h0, c0, wx, wh, b, p, wr, norm, dy, dhn, dcn, newSeed);
    }

    /** Steps {@code from} to {@code from + count} as a case of its own, with other initial states; no gradient flows in. */
    public RecurrentCase window(int from, int count, float[] h, float[] c) {
        int[] rows = null;
        if (lengths != null) {
            rows = new int[lengths.length];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = Math.max(0, Math.min(count, lengths[row] - from));
            }
        }
        int in = spec.batch() * spec.inputSize();
        int out = spec.batch() * spec.outputSize();
        return new RecurrentCase(
                spec.withSize(count, spec.batch()),
                rows,
                Arrays.copyOfRange(x, from * in, (from + count) * in),
                h,
                c,
                wx,
                wh,
                b,
                p,
                wr,
                norm,
                Arrays.copyOfRange(dy, from * out, (from + count) * out),
                null,
                null,
                seed);
    }

    /** Valid steps of a row. */
    public int length(int row) {
        return lengths == null ? spec.steps() : lengths[row];
    }

    @Override
    public String toString() {
        return spec + " lengths " + Arrays.toString(lengths) + " seed " + seed;
    }
}
