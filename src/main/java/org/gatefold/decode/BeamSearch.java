package org.gatefold.decode;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.Arguments;

/**
 * Looks for the likeliest sequences by keeping, step after step, the best few beginnings of each source (Sutskever et al. 2014; Graves
 * 2012). All sources and beams are one batch of the {@link StepDecoder}.
 *
 * <p>At each step the beginnings and all tokens after them are candidates, in the order of the sums of their log-probabilities; among
 * equals the earlier beginning and the lower id come first. The best {@code width} that have not ended go on; those that have ended and
 * come before the last of these are kept. A source is done when {@code width} hypotheses have ended, when nothing that goes on can become
 * better than those wanted, or at the greatest length, where nothing but the end is taken. Width 1 is greedy decoding.
 *
 * <p>Hypotheses stand in the order of their scores: the sum of log-probabilities by default, divided by {@code ((5 + n) / 6) ^ alpha} (Wu
 * et al. 2016, without its coverage penalty) or by {@code n ^ power}, n being the number of tokens with the end. Immutable and thread-safe.
 */
public final class BeamSearch {
    /** There is no symbol that ends a sequence: it ends at the greatest length. */
    public static final int NO_END = -1;

    private static final int MOST_TOKENS = 100;

    private final int width;
    private final int end;
    private final float power;
    private final double before;
    private final int best;
    private final int minLength;
    private final int maxLength;

    /** @param before tokens that count with those of a sequence, in relation to a sequence of one */
    private BeamSearch(int width, int end, float power, double before, int best, int minLength, int maxLength) {
        this.width = Arguments.requireAtLeast("width", 1, width);
        this.end = Arguments.requireAtLeast("end", NO_END, end);
        this.power = power;
        this.before = before;
        this.best = Arguments.requireAtLeast("best", 1, best);
        this.minLength = Arguments.requireAtLeast("minLength", 0, minLength);
        this.maxLength = Arguments.requireAtLeast("maxLength", Math.max(1, minLength), maxLength);
        if (best > width) {
            throw new IllegalArgumentException("best: expected at most the width of " + width + ", got " + best);
        }
    }

    /**
     * A search for the best sequence, of 100 tokens at most, by the sum of log-probabilities.
     *
     * @param width how many beginnings go on
     * @param end the token that ends a sequence, or {@link #NO_END}
     */
    public static BeamSearch of(int width, int end) {
        return new BeamSearch(width, end, 0f, 0, 1, 0, MOST_TOKENS);
    }

    /** Always takes the likeliest next token. */
    public static BeamSearch greedy(int end) {
        return of(1, end);
    }

    /** Divides the sum of log-probabilities by {@code ((5 + n) / 6) ^ alpha}; 0 for not at all, about 0.6 to 1 are usual. */
    public BeamSearch lengthPenalty(float alpha) {
        return dividing("alpha", alpha, 5);
    }

    /**
     * Divides the sum of log-probabilities by {@code n ^ power}, as fairseq and Transformers do by their length penalty: 0 for not at all,
     * 1 for the mean; the greater, the longer what is found.
     */
    public BeamSearch lengthPower(float newPower) {
        return dividing("power", newPower, 0);
    }

    /** Takes the mean of the log-probabilities of a sequence's tokens. */
    public BeamSearch meanLogProbability() {
        return lengthPower(1f);
    }

    private BeamSearch dividing(String name, float newPower, double tokensBefore) {
        if (!(newPower >= 0f) || Float.isInfinite(newPower)) {
            throw new IllegalArgumentException(name + ": expected a finite number of at least 0, got " + newPower);
        }
        return new BeamSearch(width, end, newPower, tokensBefore, best, minLength, maxLength);
    }

    /** Gives so many hypotheses for each source, at most the width. */
    public BeamSearch best(int count) {
        return new BeamSearch(width, end, power, before, count, minLength, maxLength);
    }

    /** Takes no end before so many tokens. */
    public BeamSearch minLength(int tokens) {
        return new BeamSearch(width, end, power, before, best, tokens, maxLength);
    }

    /** Takes nothing but the end after so many tokens. */
    public BeamSearch maxLength(int tokens) {
        return new BeamSearch(width, end, power, before, best, minLength, tokens);
    }

    /** How many beginnings go on. */
    public int width() {
        return width;
    }

    /** What a sum of log-probabilities is divided by. */
    private double norm(int tokens) {
        return Math.pow((before + tokens) / (before + 1), power);
    }

    /**
     * Searches.
     *
     * @param first what each source reads first, usually the symbol that begins a sequence
     * @return for each source the best hypotheses, in order; fewer than asked for if there are no more
     * @throws IllegalStateException if a log-probability is not a number
     */
    public List<List<Hypothesis>> search(StepDecoder decoder, int... first) {
        int sources = decoder.sources();
        int vocabulary = decoder.vocabulary();
        if (first.length != sources) {
            throw new IllegalArgumentException("first: expected " + sources + " tokens, got " + first.length);
        }
        if (end >= vocabulary) {
            throw new IllegalArgumentException(
                    "end: expected a token below the vocabulary of " + vocabulary + ", got " + end);
        }
        Beam[] beams = new Beam[sources];
        int[] from = new int[sources];
        for (int i = 0; i < sources; i++) {
            beams[i] = new Beam();
            from[i] = i;
        }
        int[] tokens = first.clone();
        float[] logProbabilities = new float[Math.multiplyExact(Math.multiplyExact(sources, width), vocabulary)];
        for (int count = 0; ; count++) {
            decoder.step(from, tokens, logProbabilities);
            boolean going = false;
            for (int source = 0; source < sources; source++) {
                if (!beams[source].done) {
                    beams[source].grow(logProbabilities, source, sources, vocabulary, count);
                    going |= !beams[source].done;
                }
            }
            if (!going) {
                break;
            }
            if (count == 0) {
                from = new int[sources * width];
                tokens = new int[sources * width];
            }
            for (int row = 0; row < from.length; row++) {
                Beam beam = beams[row % sources];
                int place = Math.min(row / sources, beam.alive.size() - 1);
                // Where nothing goes on, what stands there before is read again and plays no part.
                from[row] = place < 0 ? row % sources : beam.alive.get(place).beam * sources + row % sources;
                tokens[row] =
                        place < 0 ? first[row % sources] : beam.alive.get(place).last();
            }
        }
        List<List<Hypothesis>> found = new ArrayList<>(sources);
        for (Beam beam : beams) {
            found.add(List.copyOf(beam.ended.subList(0, Math.min(best, beam.ended.size()))));
        }
        return found;
    }

    /** A beginning: its tokens, the sum of their log-probabilities, and the beam that it came from. */
    private record Beginning(List<Integer> tokens, double sum, int beam) {
        int last() {
            return tokens.get(tokens.size() - 1);
        }

        Beginning with(int token, double newSum, int from) {
            List<Integer> longer = new ArrayList<>(tokens.size() + 1);
            longer.addAll(tokens);
            longer.add(token);
            return new Beginning(longer, newSum, from);
        }

        int[] array() {
            return tokens.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** The beginnings of one source, and its hypotheses that have ended, the best first. */
    private final class Beam {
        private List<Beginning> alive = List.of(new Beginning(List.of(), 0, 0));
        private final List<Hypothesis> ended = new ArrayList<>();
        private int endings;
        private boolean done;
        private final Candidates candidates = new Candidates(2 * width);

        /**
         * Takes one more token.
         *
         * @param count tokens that there are already
         */
        void grow(float[] logProbabilities, int source, int sources, int vocabulary, int count) {
            boolean full = end != NO_END && count == maxLength;
            candidates.clear();
            for (int beam = 0; beam < alive.size(); beam++) {
                int at = (beam * sources + source) * vocabulary;
                double sum = alive.get(beam).sum();
                for (int token = full ? end : 0; token < (full ? end + 1 : vocabulary); token++) {
                    double longer = sum + logProbabilities[at + token];
                    if (Double.isNaN(longer)) {
                        throw new IllegalStateException("logProbabilities: expected numbers, got NaN for token " + token
                                + " of source " + source + " after " + count + " tokens");
                    }
                    if (longer > Double.NEGATIVE_INFINITY && (token != end || count >= minLength)) {
                        candidates.offer(longer, beam, token);
                    }
                }
            }
            List<Beginning> next = new ArrayList<>(width);
            for (int i = 0; i < candidates.size && next.size() < width; i++) {
                Beginning begun = alive.get(candidates.beams[i]);
                double sum = candidates.sums[i];
                if (candidates.tokens[i] == end) {
                    end(begun.array(), true, sum, count + 1);
                } else {
                    next.add(begun.with(candidates.tokens[i], sum, candidates.beams[i]));
                }
            }
            alive = next;
            if (end == NO_END && count + 1 == maxLength) {
                next.forEach(beginning -> end(beginning.array(), false, beginning.sum(), maxLength));
                alive = List.of();
            }
            done = full || alive.isEmpty() || endings >= width || isBeyondReach();
        }

        private void end(int[] tokens, boolean found, double sum, int count) {
            Hypothesis hypothesis = new Hypothesis(tokens, found, sum, sum / norm(count));
            int place = 0;
            while (place < ended.size() && ended.get(place).score() >= hypothesis.score()) {
                place++;
            }
            ended.add(place, hypothesis);
            endings++;
        }

        /** Whether the hypotheses wanted are better than anything that may still come, whose sum can only fall. */
        private boolean isBeyondReach() {
            int longest = end == NO_END ? maxLength : maxLength + 1;
            return ended.size() >= best
                    && ended.get(best - 1).score() >= alive.get(0).sum() / norm(longest);
        }
    }

    /** The best few candidates in order. */
    private static final class Candidates {
        private final double[] sums;
        private final int[] beams;
        private final int[] tokens;
        private int size;

        Candidates(int most) {
            sums = new double[most];
            beams = new int[most];
            tokens = new int[most];
        }

        void clear() {
            size = 0;
        }

        void offer(double sum, int beam, int token) {
            if (size == sums.length && !(sum > sums[size - 1])) {
                return;
            }
            int place = size < sums.length ? size++ : size - 1;
            while (place > 0 && sum > sums[place - 1]) {
                sums[place] = sums[place - 1];
                beams[place] = beams[place - 1];
                tokens[place] = tokens[place - 1];
                place--;
            }
            sums[place] = sum;
            beams[place] = beam;
            tokens[place] = token;
        }
    }
}
