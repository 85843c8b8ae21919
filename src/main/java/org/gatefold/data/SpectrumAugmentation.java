package org.gatefold.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shows spectra otherwise, each time in another way (SpecAugment, Park et al. 2019): time bent, bands moved as by another length of the vocal
 * tract (Jaitly and Hinton 2013), noise added, and bands and spans of time left out: two masks of each kind, as wide as is drawn from 0 to the
 * widest, both included. What is left out becomes 0, which is the mean of features that are brought to mean 0. Immutable and thread-safe:
 * options return a changed copy; without any it changes nothing.
 */
public final class SpectrumAugmentation implements Augmentation {
    private static final int MASKS = 2;

    private final int bands;
    private final int parts;
    private final int widest;
    private final double longest;
    private final Bend bend;

    /**
     * What is done before masks.
     *
     * @param time by which share of all steps a place is moved at most
     * @param bands by which share of its height a band is moved at most
     * @param noise standard deviation of what is added
     */
    private record Bend(double time, double bands, double noise) {
        static final Bend NONE = new Bend(0, 0, 0);
    }

    private SpectrumAugmentation(int bands, int parts, int widest, double longest, Bend bend) {
        this.bands = bands;
        this.parts = parts;
        this.widest = widest;
        this.longest = longest;
        this.bend = bend;
    }

    /**
     * For sequences of steps {@code [parts, bands]}.
     *
     * @param bands at least 1
     * @param parts how often a step has each band, such as with its rate of change, at least 1
     */
    public static SpectrumAugmentation of(int bands, int parts) {
        if (bands < 1 || parts < 1) {
            throw new IllegalArgumentException(
                    "bands, parts: expected at least 1 of each, got " + bands + " and " + parts);
        }
        return new SpectrumAugmentation(bands, parts, 0, 0, Bend.NONE);
    }

    /** Leaves out up to so many bands by each mask. */
    public SpectrumAugmentation bandsLeftOut(int most) {
        if (most < 0 || most > bands) {
            throw new IllegalArgumentException("most: expected 0 to " + bands + ", as many as bands, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, most, longest, bend);
    }

    /** Leaves out up to such a share of the steps of a sequence by each mask. */
    public SpectrumAugmentation timeLeftOut(double most) {
        if (!(most >= 0 && most <= 1)) {
            throw new IllegalArgumentException("most: expected 0 to 1, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, widest, most, bend);
    }

    /**
     * Moves a place in the middle half of a sequence by up to such a share of its steps, so that what stands before is slower and what
     * stands behind faster, or the other way round.
     *
     * @param most 0 to below 0.25
     */
    public SpectrumAugmentation timeBent(double most) {
        if (!(most >= 0 && most < 0.25)) {
            throw new IllegalArgumentException("most: expected 0 to below 0.25, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, widest, longest, new Bend(most, bend.bands, bend.noise));
    }

    /**
     * Moves every band up or down by up to such a share of its height; the highest stays what it was where nothing comes in its place.
     *
     * @param most 0 to below 1
     */
    public SpectrumAugmentation bandsMoved(double most) {
        if (!(most >= 0 && most < 1)) {
            throw new IllegalArgumentException("most: expected 0 to below 1, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, widest, longest, new Bend(bend.time, most, bend.noise));
    }

    /**
     * Adds normal numbers.
     *
     * @param deviation at least 0
     */
    public SpectrumAugmentation noise(double deviation) {
        if (!(deviation >= 0) || Double.isInfinite(deviation)) {
            throw new IllegalArgumentException("deviation: expected at least 0, got " + deviation);
        }
        return new SpectrumAugmentation(bands, parts, widest, longest, new Bend(bend.time, bend.bands, deviation));
    }

    /** True if it changes anything. */
    public boolean changes() {
        return widest > 0 || longest > 0 || !bend.equals(Bend.NONE);
    }

    @Override
    public void change(float[] values, int count, RandomDraws draws) {
        int step = bands * parts;
        int steps = count / step;
        if (bend.time > 0) {
            bendTime(values, steps, step, draws);
        }
        if (bend.bands > 0) {
            moveBands(values, count, draws);
        }
        if (bend.noise > 0) {
            for (int i = 0; i < count; i++) {
                values[i] += (float) (bend.noise * normal(draws));
            }
        }
        for (int mask = 0; mask < MASKS; mask++) {
            int wide = draws.below(widest + 1);
            int first = draws.below(bands - wide + 1);
            for (int at = first; at < count; at += bands) {
                Arrays.fill(values, at, at + wide, 0);
            }
            int spans = draws.below((int) (longest * steps) + 1);
            int from = draws.below(steps - spans + 1);
            Arrays.fill(values, from * step, (from + spans) * step, 0);
        }
    }

    private void bendTime(float[] values, int steps, int step, RandomDraws draws) {
        double last = steps - 1.0;
        double to = draws.between(last / 4, 3 * last / 4);
        double from = to + draws.between(-bend.time, bend.time) * last;
        float[] before = Arrays.copyOf(values, steps * step);
        for (int t = 1; t < steps - 1; t++) {
            double place = t < to ? t * from / to : from + (t - to) * (last - from) / (last - to);
            for (int i = 0; i < step; i++) {
                values[t * step + i] = between(before, i, step, steps, place);
            }
        }
    }

    private void moveBands(float[] values, int count, RandomDraws draws) {
        double factor = 1 + draws.between(-bend.bands, bend.bands);
        float[] before = new float[bands];
        for (int from = 0; from < count; from += bands) {
            System.arraycopy(values, from, before, 0, bands);
            for (int band = 0; band < bands; band++) {
                values[from + band] = between(before, 0, 1, bands, band * factor);
            }
        }
    }

    /** Between two of {@code count} values that lie {@code stride} apart from {@code first} on; the last one beyond the end. */
    private static float between(float[] values, int first, int stride, int count, double place) {
        int below = Math.min(count - 1, (int) place);
        int above = Math.min(count - 1, below + 1);
        double part = Math.min(1, place - below);
        return (float) ((1 - part) * values[first + below * stride] + part * values[first + above * stride]);
    }

    /** A normal number (Box and Muller 1958). */
    private static double normal(RandomDraws draws) {
        double radius = Math.sqrt(-2 * Math.log(1 - draws.between(0, 1)));
        return radius * Math.cos(draws.between(0, 2 * Math.PI));
    }

    @Override
    public String description() {
        List<String> words = new ArrayList<>();
        if (bend.time > 0) {
            words.add("time bent by up to " + bend.time);
        }
        if (bend.bands > 0) {
            words.add("bands moved by up to " + bend.bands);
        }
        if (bend.noise > 0) {
            words.add("noise of " + bend.noise);
        }
        if (widest > 0) {
            words.add("up to " + widest + (widest == 1 ? " band" : " bands") + " left out");
        }
        if (longest > 0) {
            words.add("up to " + longest + " of the steps left out");
        }
        return String.join(", ", words);
    }
}
