package org.gatefold.contract.oracle;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.contract.Compare;
import org.gatefold.op.Philox;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Tensor;

/** Noise of gradients beside its definition in double precision, and what is said of its distribution. Stateless. */
public final class NoiseCheck {
    public static final float DEVIATION = 0.75f;
    public static final float SCALE = 0.25f;
    public static final long SEED = 0x1234567890L;
    public static final long STEP = 9;

    private NoiseCheck() {}

    /** What is checked: an addition of noise to gradients. */
    public interface Noise {
        void add(float deviation, long seed, long step, Tensor scale);
    }

    /** What element e gets, times the deviation over the scale. */
    public static double z(long seed, long step, long e) {
        int[] words = new int[4];
        long key = Philox.derive(seed, step, OptimizerPlan.NOISE);
        Philox.block((int) (e >> 2), (int) (e >> 34), 0x6E6F6973, 0, (int) key, (int) (key >> 32), words);
        int pair = (int) (e >> 1 & 1) * 2;
        double a = ((words[pair] >>> 8) + 1) / 16777216.0;
        double turn = (words[pair + 1] >>> 8) / 16777216.0 * 2 * Math.PI;
        return Math.sqrt(-2 * Math.log(a)) * (e % 2 == 0 ? Math.cos(turn) : Math.sin(turn));
    }

    /**
     * In what the noise is wrong.
     *
     * @param gradients written, with numbers within and without segments
     * @param scale {@code [1]}, {@link #SCALE}
     */
    public static List<String> differences(
            Noise noise, Tensor gradients, Segments segments, float[] before, Tensor scale) {
        gradients.write(before);
        noise.add(DEVIATION, SEED, STEP, scale);
        double[] expected = Compare.doubles(before);
        for (Segments.Segment segment : segments.list()) {
            for (long e = segment.offset(); e < segment.offset() + segment.length(); e++) {
                expected[(int) e] += DEVIATION / SCALE * z(SEED, STEP, e);
            }
        }
        List<String> differences = new ArrayList<>();
        float[] after = gradients.toFloats();
        for (int e = 0; e < expected.length; e++) {
            if (!(Math.abs(after[e] - expected[e]) <= 4e-6 * Math.max(1, Math.abs(expected[e])))) {
                differences.add("gradient " + e + ": expected " + expected[e] + ", got " + after[e]);
            }
        }
        return differences;
    }
}
