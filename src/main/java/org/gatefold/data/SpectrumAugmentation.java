package org.gatefold.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shows spectra with bands and spans of time left out, each time others (SpecAugment, Park et al. 2019, sections 2 and 3): two masks of
 * each kind, as wide as is drawn from 0 to the widest, both included. What is left out becomes 0, which is the mean of features that are
 * brought to mean 0. Immutable and thread-safe: options return a changed copy; without any it changes nothing.
 */
public final class SpectrumAugmentation implements Augmentation {
    private static final int MASKS = 2;

    private final int bands;
    private final int parts;
    private final int widest;
    private final double longest;

    private SpectrumAugmentation(int bands, int parts, int widest, double longest) {
        this.bands = bands;
        this.parts = parts;
        this.widest = widest;
        this.longest = longest;
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
        return new SpectrumAugmentation(bands, parts, 0, 0);
    }

    /** Leaves out up to so many bands by each mask. */
    public SpectrumAugmentation bandsLeftOut(int most) {
        if (most < 0 || most > bands) {
            throw new IllegalArgumentException("most: expected 0 to " + bands + ", as many as bands, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, most, longest);
    }

    /** Leaves out up to such a share of the steps of a sequence by each mask. */
    public SpectrumAugmentation timeLeftOut(double most) {
        if (!(most >= 0 && most <= 1)) {
            throw new IllegalArgumentException("most: expected 0 to 1, got " + most);
        }
        return new SpectrumAugmentation(bands, parts, widest, most);
    }

    /** True if it changes anything. */
    public boolean changes() {
        return widest > 0 || longest > 0;
    }

    @Override
    public void change(float[] values, int count, RandomDraws draws) {
        int step = bands * parts;
        int steps = count / step;
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

    @Override
    public String description() {
        List<String> words = new ArrayList<>();
        if (widest > 0) {
            words.add("up to " + widest + (widest == 1 ? " band" : " bands") + " left out");
        }
        if (longest > 0) {
            words.add("up to " + longest + " of the steps left out");
        }
        return String.join(", ", words);
    }
}
