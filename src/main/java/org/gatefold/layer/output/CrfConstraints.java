package org.gatefold.layer.output;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.gatefold.layer.output.SpanTag.Place;
import org.gatefold.layer.output.SpanTag.Scheme;
import org.gatefold.op.Arguments;

/** Which label may follow which, begin and end, for {@link Crf#constraints}. Immutable. */
public final class CrfConstraints {
    private final int labels;

    /** {@code [K + 2][K]}: what begins, what ends, and for each label what may follow it. */
    private final boolean[][] allowed;

    private CrfConstraints(int labels, boolean[][] allowed) {
        this.labels = labels;
        this.allowed = allowed;
    }

    /** Everything allowed. */
    public static CrfConstraints none(int labels) {
        Arguments.requireAtLeast("labels", 2, labels);
        boolean[][] all = new boolean[labels + 2][labels];
        for (boolean[] line : all) {
            Arrays.fill(line, true);
        }
        return new CrfConstraints(labels, all);
    }

    /**
     * What BIO tags (IOB2) allow: {@code I-X} follows {@code B-X} or {@code I-X} alone.
     *
     * @param tags by label
     * @throws IllegalArgumentException naming the label whose tag is no BIO
     */
    public static CrfConstraints bio(List<String> tags) {
        return of(
                Scheme.BIO,
                tags,
                tag -> tag.place() != Place.INSIDE,
                tag -> true,
                (from, to) -> !to.continues() || (from.kind().equals(to.kind()) && from.place() != Place.OUTSIDE));
    }

    /**
     * What BIOES tags allow: {@code B-X} and {@code I-X} are followed by {@code I-X} or {@code E-X}, which follow nothing else.
     *
     * @param tags by label
     * @throws IllegalArgumentException naming the label whose tag is no BIOES
     */
    public static CrfConstraints bioes(List<String> tags) {
        return of(
                Scheme.BIOES,
                tags,
                tag -> !tag.continues(),
                tag -> !open(tag),
                (from, to) -> open(from) == to.continues()
                        && (!open(from) || from.kind().equals(to.kind())));
    }

    /** Whether a span of BIOES goes on after this. */
    private static boolean open(SpanTag tag) {
        return tag.place() == Place.BEGIN || tag.place() == Place.INSIDE;
    }

    private static CrfConstraints of(
            Scheme scheme,
            List<String> tags,
            Predicate<SpanTag> begins,
            Predicate<SpanTag> ends,
            BiPredicate<SpanTag, SpanTag> follows) {
        List<SpanTag> read = scheme.readAll("tags: label", tags);
        CrfConstraints all = none(tags.size());
        for (int to = 0; to < tags.size(); to++) {
            all.allowed[0][to] = begins.test(read.get(to));
            all.allowed[1][to] = ends.test(read.get(to));
            for (int from = 0; from < tags.size(); from++) {
                all.allowed[2 + from][to] = follows.test(read.get(from), read.get(to));
            }
        }
        return all;
    }

    /** These, without one label after another. */
    public CrfConstraints forbid(int from, int to) {
        return without(2 + requireLabel("from", from), requireLabel("to", to));
    }

    /** These, without a label at the start. */
    public CrfConstraints forbidStart(int label) {
        return without(0, requireLabel("label", label));
    }

    /** These, without a label at the end. */
    public CrfConstraints forbidEnd(int label) {
        return without(1, requireLabel("label", label));
    }

    private CrfConstraints without(int line, int label) {
        boolean[][] fewer = new boolean[allowed.length][];
        for (int i = 0; i < fewer.length; i++) {
            fewer[i] = allowed[i].clone();
        }
        fewer[line][label] = false;
        return new CrfConstraints(labels, fewer);
    }

    private int requireLabel(String argument, int label) {
        if (label < 0 || label >= labels) {
            throw new IllegalArgumentException(argument + ": expected 0 to " + (labels - 1) + ", got " + label);
        }
        return label;
    }

    /** K. */
    public int labels() {
        return labels;
    }

    /** Whether {@code to} may follow {@code from}. */
    public boolean allows(int from, int to) {
        return allowed[2 + requireLabel("from", from)][requireLabel("to", to)];
    }

    /** Whether sequences may start with a label. */
    public boolean allowsStart(int label) {
        return allowed[0][requireLabel("label", label)];
    }

    /** Whether sequences may end with a label. */
    public boolean allowsEnd(int label) {
        return allowed[1][requireLabel("label", label)];
    }

    /**
     * Checks a sequence of labels.
     *
     * @param row for messages
     * @throws IllegalArgumentException naming the step and labels that are not allowed
     */
    public void require(int row, int... sequence) {
        for (int t = 0; t < sequence.length; t++) {
            String where = "labels: row " + row + ", step " + t + ": ";
            if (sequence[t] < 0 || sequence[t] >= labels) {
                throw new IllegalArgumentException(where + "expected 0 to " + (labels - 1) + ", got " + sequence[t]);
            }
            if (t == 0 && !allowsStart(sequence[t])) {
                throw new IllegalArgumentException(
                        where + "expected a label that may start a sequence, got " + sequence[t]);
            }
            if (t > 0 && !allows(sequence[t - 1], sequence[t])) {
                throw new IllegalArgumentException(
                        where + "expected a label that may follow " + sequence[t - 1] + ", got " + sequence[t]);
            }
            if (t == sequence.length - 1 && !allowsEnd(sequence[t])) {
                throw new IllegalArgumentException(
                        where + "expected a label that may end a sequence, got " + sequence[t]);
            }
        }
    }

    /**
     * Checks a sequence of labels of which some may be {@link Crf#UNKNOWN}.
     *
     * @param row for messages
     * @throws IllegalArgumentException if no labels in their place make it one that is allowed
     */
    void requireKnown(int row, int... sequence) {
        boolean[] before = allowed[0];
        for (int t = 0; t < sequence.length; t++) {
            if (sequence[t] != Crf.UNKNOWN) {
                requireLabel("labels: row " + row + ", step " + t, sequence[t]);
            }
            boolean[] now = new boolean[labels];
            boolean any = false;
            for (int k = 0; k < labels; k++) {
                boolean may =
                        (sequence[t] == Crf.UNKNOWN || sequence[t] == k) && (t < sequence.length - 1 || allowed[1][k]);
                now[k] = may && (t == 0 ? before[k] : follows(before, k));
                any |= now[k];
            }
            if (!any) {
                throw new IllegalArgumentException("labels: row " + row + ", step " + t
                        + ": expected labels that are part of an allowed sequence, got "
                        + (sequence[t] == Crf.UNKNOWN ? "none that fits" : String.valueOf(sequence[t])));
            }
            before = now;
        }
    }

    private boolean follows(boolean[] before, int label) {
        for (int from = 0; from < labels; from++) {
            if (before[from] && allowed[2 + from][label]) {
                return true;
            }
        }
        return false;
    }

    /** As scores to be added, of start, end and transitions together, {@code [K + 2, K]}: 0 or −∞. */
    float[] scores() {
        float[] scores = new float[allowed.length * labels];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = allowed[i / labels][i % labels] ? 0f : Float.NEGATIVE_INFINITY;
        }
        return scores;
    }

    /** As {@link #parse} reads: lines of 1 for what is allowed and 0, between spaces. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (boolean[] line : allowed) {
            text.append(text.isEmpty() ? "" : " ");
            for (boolean each : line) {
                text.append(each ? '1' : '0');
            }
        }
        return text.toString();
    }

    /**
     * Reads what {@link #toString} gives.
     *
     * @throws IllegalArgumentException if it does not
     */
    static CrfConstraints parse(String text) {
        String[] lines = text.split(" ", -1);
        int labels = lines[0].length();
        boolean[][] allowed = new boolean[lines.length][labels];
        for (int i = 0; i < lines.length; i++) {
            if (lines.length != labels + 2 || lines[i].length() != labels || !lines[i].matches("[01]+")) {
                throw new IllegalArgumentException(
                        "constraints: expected lines of 0 and 1 for start, end and each label, got '" + text + "'");
            }
            for (int k = 0; k < labels; k++) {
                allowed[i][k] = lines[i].charAt(k) == '1';
            }
        }
        return new CrfConstraints(labels, allowed);
    }
}
