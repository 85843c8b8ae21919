package org.gatefold.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.op.Arguments;
import org.gatefold.op.Philox;

/**
 * Draws tokens by their probabilities: the softmax of {@code logits / temperature}, among the k likeliest alone (Fan et al. 2018), and
 * among the fewest whose probabilities sum up to p (nucleus sampling, Holtzman et al. 2020); in that order.
 *
 * <p>A draw follows from seed and number alone, so that the same ones give the same tokens. Immutable and thread-safe.
 */
public final class Sampling {
    private final long seed;
    private final float temperature;
    private final int topK;
    private final float topP;

    private Sampling(long seed, float temperature, int topK, float topP) {
        if (!(temperature > 0f) || Float.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "temperature: expected a finite number greater than 0, got " + temperature);
        }
        Arguments.requireAtLeast("topK", 0, topK);
        if (!(topP > 0f && topP <= 1f)) {
            throw new IllegalArgumentException("topP: expected 0 < p <= 1, got " + topP);
        }
        this.seed = seed;
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
    }

    /** Draws from all tokens by the softmax of their logits. */
    public static Sampling of(long seed) {
        return new Sampling(seed, 1f, 0, 1f);
    }

    /** Divides logits by so much: below 1 likely tokens become likelier. */
    public Sampling temperature(float value) {
        return new Sampling(seed, value, topK, topP);
    }

    /** Draws from the k likeliest tokens, of equals those of lower ids; 0 for all. */
    public Sampling topK(int k) {
        return new Sampling(seed, temperature, k, topP);
    }

    /** Draws from the fewest tokens whose probabilities sum up to p, the likeliest first; 1 for all. */
    public Sampling topP(float p) {
        return new Sampling(seed, temperature, topK, p);
    }

    /**
     * Draws one token.
     *
     * @param logits of all tokens, or logarithms of their probabilities
     * @param number of the draw: another one is independent
     * @throws IllegalArgumentException if there are no logits, or one is NaN or positive infinity, or none is finite
     */
    public int draw(float[] logits, long number) {
        return draw(logits, 0, logits.length, number, 0);
    }

    /**
     * Draws one token for each row, each independently.
     *
     * @param logits {@code [row][token]}
     */
    public int[] draw(float[][] logits, long number) {
        int[] tokens = new int[logits.length];
        for (int row = 0; row < tokens.length; row++) {
            tokens[row] = draw(logits[row], 0, logits[row].length, number, row);
        }
        return tokens;
    }

    /**
     * Draws a sequence for each source, token by token.
     *
     * @param maxLength the most tokens
     * @param end the token that ends a sequence, or {@link BeamSearch#NO_END}
     * @param first what each source reads first
     * @return in the order of the sources; log-probabilities, which are the scores too, are those of the decoder, before temperature and
     *     choice
     */
    public List<Hypothesis> generate(StepDecoder decoder, int maxLength, int end, int... first) {
        int sources = decoder.sources();
        int vocabulary = decoder.vocabulary();
        if (first.length != sources) {
            throw new IllegalArgumentException("first: expected " + sources + " tokens, got " + first.length);
        }
        Arguments.requireAtLeast("maxLength", 1, maxLength);
        int[] from = new int[sources];
        Arrays.setAll(from, i -> i);
        int[] tokens = first.clone();
        int[][] drawn = new int[sources][maxLength];
        int[] lengths = new int[sources];
        boolean[] ended = new boolean[sources];
        double[] sums = new double[sources];
        float[] logProbabilities = new float[Math.multiplyExact(sources, vocabulary)];
        boolean going = true;
        for (int step = 0; step < maxLength && going; step++) {
            decoder.step(from, tokens, logProbabilities);
            going = false;
            for (int row = 0; row < sources; row++) {
                if (ended[row]) {
                    continue;
                }
                int token = draw(logProbabilities, row * vocabulary, vocabulary, step, row);
                sums[row] += logProbabilities[row * vocabulary + token];
                tokens[row] = token;
                ended[row] = token == end;
                if (!ended[row]) {
                    drawn[row][lengths[row]++] = token;
                    going = true;
                }
            }
        }
        List<Hypothesis> sequences = new ArrayList<>(sources);
        for (int row = 0; row < sources; row++) {
            sequences.add(new Hypothesis(Arrays.copyOf(drawn[row], lengths[row]), ended[row], sums[row], sums[row]));
        }
        return sequences;
    }

    private int draw(float[] logits, int at, int count, long first, long second) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            float logit = logits[at + i];
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "logits: expected numbers below infinity, got " + logit + " of token " + i);
            }
            largest = Math.max(largest, logit);
        }
        if (largest == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("logits: expected at least one finite number, got none in " + count);
        }
        double[] weights = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = Math.exp((logits[at + i] - largest) / temperature);
            total += weights[i];
        }
        int[] order = null;
        int candidates = count;
        if (topP < 1f || (topK > 0 && topK < count)) {
            order = order(weights);
            candidates = topK > 0 ? Math.min(topK, count) : count;
            total = 0;
            for (int i = 0; i < candidates; i++) {
                total += weights[order[i]];
            }
            double wanted = topP * total;
            double kept = 0;
            int nucleus = 0;
            while (nucleus < candidates && kept < wanted) {
                kept += weights[order[nucleus++]];
            }
            candidates = nucleus;
            total = kept;
        }
        double left = total * (Philox.derive(seed, first, second) >>> 11) * 0x1p-53;
        int token = -1;
        for (int i = 0; i < candidates; i++) {
            int next = order == null ? i : order[i];
            if (weights[next] > 0) {
                token = next;
                left -= weights[next];
                if (left < 0) {
                    break;
                }
            }
        }
        return token;
    }

    /** All tokens, the heaviest first, of equals that of the lower id. */
    private static int[] order(double... weights) {
        // Weights are not negative, so that the bits of floats stand in their order, and flipped in the reverse one.
        long[] keys = new long[weights.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ((long) ~Float.floatToRawIntBits((float) weights[i]) << 32) | i;
        }
        Arrays.sort(keys);
        int[] order = new int[keys.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }
}
