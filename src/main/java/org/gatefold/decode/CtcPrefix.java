package org.gatefold.decode;

import java.util.LinkedHashMap;
import java.util.Map;

/** Labels that a search has come to, as a tree: the probability of all paths that say them so far. One thread at a time. */
final class CtcPrefix {
    final CtcPrefix parent;
    final int label;
    final int length;
    /** What a label model and bonuses add. */
    final double extra;

    final Map<Integer, CtcPrefix> children = new LinkedHashMap<>();
    private double blank = Double.NEGATIVE_INFINITY;
    private double said = Double.NEGATIVE_INFINITY;
    private double nextBlank = Double.NEGATIVE_INFINITY;
    private double nextSaid = Double.NEGATIVE_INFINITY;
    private boolean found;

    CtcPrefix(CtcPrefix parent, int label, double extra) {
        this.parent = parent;
        this.label = label;
        this.length = parent == null ? 0 : parent.length + 1;
        this.extra = extra;
    }

    /** No labels, before the first step. */
    static CtcPrefix start() {
        CtcPrefix start = new CtcPrefix(null, -1, 0);
        start.blank = 0;
        return start;
    }

    /** Of paths that end in a blank. */
    double endingInBlank() {
        return blank;
    }

    /** Of all paths. */
    double logProbability() {
        return add(blank, said);
    }

    double score() {
        return logProbability() + extra;
    }

    /** Stays what it is for a step, by a blank or by its last label. */
    void stay(double ofBlank, double ofLabel) {
        nextBlank = add(nextBlank, logProbability() + ofBlank);
        nextSaid = add(nextSaid, said + ofLabel);
    }

    /** Is come to by its last label. */
    void come(double logProbability) {
        nextSaid = add(nextSaid, logProbability);
    }

    /** True the first time within a step. */
    boolean isNew() {
        boolean first = !found;
        found = true;
        return first;
    }

    /** Ends a step. */
    void advance() {
        blank = nextBlank;
        said = nextSaid;
        nextBlank = Double.NEGATIVE_INFINITY;
        nextSaid = Double.NEGATIVE_INFINITY;
        found = false;
    }

    /** Is no longer followed; may be come to again. */
    void drop() {
        blank = Double.NEGATIVE_INFINITY;
        said = Double.NEGATIVE_INFINITY;
        if (children.isEmpty() && parent != null) {
            parent.children.remove(label);
        }
    }

    int[] labels() {
        int[] labels = new int[length];
        for (CtcPrefix at = this; at.parent != null; at = at.parent) {
            labels[at.length - 1] = at.label;
        }
        return labels;
    }

    /** The logarithm of the sum of what two numbers are logarithms of. */
    static double add(double a, double b) {
        double most = Math.max(a, b);
        return most == Double.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
    }
}
