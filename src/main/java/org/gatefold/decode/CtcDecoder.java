package org.gatefold.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.op.Arguments;

/**
 * Reads labels off the outputs of a model that was trained by CTC, a row at a time: {@link #greedy} by the likeliest path, {@link
 * #search} by prefix beam search (Graves 2012, Hannun et al. 2014). Outputs are logits or logarithms of probabilities, {@code
 * [step][class]}, only a row's real steps. Immutable and safe for many threads, if the label model is.
 */
public final class CtcDecoder {
    private static final int WIDTH = 16;

    private final int blank;
    private final int width;
    private final Fusion fusion;

    private CtcDecoder(int blank, int width, Fusion fusion) {
        this.blank = blank;
        this.width = width;
        this.fusion = fusion;
    }

    /**
     * What scores have beside what outputs say.
     *
     * @param model null for none
     * @param weight of the model
     * @param bonus for each label
     */
    private record Fusion(LabelModel model, double weight, double bonus) {}

    /** A decoder whose blank is class 0, that keeps {@value #WIDTH} hypotheses and asks no label model. */
    public static CtcDecoder create() {
        return new CtcDecoder(0, WIDTH, new Fusion(null, 0, 0));
    }

    /** The class that stands for no label. */
    public CtcDecoder blank(int label) {
        Arguments.requireAtLeast("blank", 0, label);
        return new CtcDecoder(label, width, fusion);
    }

    /** How many hypotheses a search keeps after each step. */
    public CtcDecoder width(int hypotheses) {
        Arguments.requireAtLeast("width", 1, hypotheses);
        return new CtcDecoder(blank, hypotheses, fusion);
    }

    /** Adds {@code factor} times the logarithms that a model gives for each label to the score of a hypothesis. */
    public CtcDecoder labelModel(LabelModel labels, double factor) {
        if (labels == null) {
            throw new IllegalArgumentException("labelModel: expected a model, got null");
        }
        requireFinite("labelModel", factor);
        return new CtcDecoder(blank, width, new Fusion(labels, factor, fusion.bonus));
    }

    /** Adds so much to the score for each label, which makes up for what a label model takes. */
    public CtcDecoder labelBonus(double value) {
        requireFinite("labelBonus", value);
        return new CtcDecoder(blank, width, new Fusion(fusion.model, fusion.weight, value));
    }

    private static void requireFinite(String argument, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(argument + ": expected a finite number, got " + value);
        }
    }

    /** What the likeliest path says: the likeliest class of each step, the first of equals. */
    public CtcHypothesis greedy(float[][] outputs) {
        CtcStream stream = stream();
        stream.take(outputs);
        return stream.found();
    }

    /** Reads the likeliest path of outputs that come one after the other. */
    public CtcStream stream() {
        return new CtcStream(this);
    }

    int blank() {
        return blank;
    }

    /** The hypotheses of the last step, at most as many as the width, the best first. */
    public List<CtcHypothesis> search(float[][] outputs) {
        return search(Collections.singletonList(outputs));
    }

    /**
     * The hypotheses of several models, the best first. Each model searches by itself; what any of them finds is then measured by all: the
     * mean of the logarithms of the probabilities that they give to it, each over all of its paths, since models say the same at steps of
     * their own. Of one model it is {@link #search(float[][])}.
     *
     * @param outputs of each model, {@code [step][class]}, at least one
     * @return hypotheses whose probability is the geometric mean of the models'; at most as many as the width of each; with the steps of
     *     the first model
     */
    public List<CtcHypothesis> search(List<float[][]> outputs) {
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("outputs: expected those of at least one model, got none");
        }
        List<double[][]> models = outputs.stream().map(this::logSoftmax).toList();
        Map<List<Integer>, CtcPrefix> found = new LinkedHashMap<>();
        for (double[][] model : models) {
            for (CtcPrefix prefix : prefixes(model)) {
                found.putIfAbsent(Arrays.stream(prefix.labels()).boxed().toList(), prefix);
            }
        }
        List<CtcHypothesis> hypotheses = new ArrayList<>();
        List<CtcHypothesis> refused = new ArrayList<>();
        for (CtcPrefix prefix : found.values()) {
            int[] labels = prefix.labels();
            double logProbability = models.size() == 1
                    ? prefix.logProbability()
                    : models.stream()
                            .mapToDouble(model -> CtcAlignment.logProbability(model, labels, blank))
                            .average()
                            .orElseThrow();
            double end = fusion.model == null ? 0 : fusion.weight * fusion.model.endLogProbability(labels);
            boolean ends = end > Double.NEGATIVE_INFINITY;
            (ends ? hypotheses : refused)
                    .add(new CtcHypothesis(
                            labels,
                            CtcAlignment.steps(models.get(0), labels, blank),
                            logProbability,
                            logProbability + prefix.extra + (ends ? end : 0)));
        }
        // Labels that must not end so are better than none at all.
        List<CtcHypothesis> kept = hypotheses.isEmpty() ? refused : hypotheses;
        kept.sort(Comparator.comparingDouble(CtcHypothesis::score).reversed());
        return List.copyOf(kept);
    }

    private List<CtcPrefix> prefixes(double[]... logProbabilities) {
        List<CtcPrefix> beam = List.of(CtcPrefix.start());
        for (double[] step : logProbabilities) {
            beam = advanced(beam, step);
        }
        return beam;
    }

    private List<CtcPrefix> advanced(List<CtcPrefix> beam, double... step) {
        List<CtcPrefix> reached = new ArrayList<>();
        for (CtcPrefix prefix : beam) {
            prefix.stay(step[blank], prefix.parent == null ? Double.NEGATIVE_INFINITY : step[prefix.label]);
            note(reached, prefix);
            for (int label = 0; label < step.length; label++) {
                double from = label == prefix.label ? prefix.endingInBlank() : prefix.logProbability();
                if (label != blank && from + step[label] > Double.NEGATIVE_INFINITY) {
                    CtcPrefix child = child(prefix, label);
                    child.come(from + step[label]);
                    note(reached, child);
                }
            }
        }
        reached.forEach(CtcPrefix::advance);
        reached.sort(Comparator.comparingDouble(CtcPrefix::score).reversed());
        int kept = Math.min(width, reached.size());
        while (kept > 1 && reached.get(kept - 1).score() == Double.NEGATIVE_INFINITY) {
            kept--;
        }
        // Longer ones first, so that what only led to them goes too.
        List<CtcPrefix> dropped = new ArrayList<>(reached.subList(kept, reached.size()));
        dropped.sort(
                Comparator.comparingInt((CtcPrefix prefix) -> prefix.length).reversed());
        dropped.forEach(CtcPrefix::drop);
        return new ArrayList<>(reached.subList(0, kept));
    }

    private static void note(List<CtcPrefix> reached, CtcPrefix prefix) {
        if (prefix.isNew()) {
            reached.add(prefix);
        }
    }

    private CtcPrefix child(CtcPrefix prefix, int label) {
        CtcPrefix known = prefix.children.get(label);
        if (known != null) {
            return known;
        }
        double ofModel = fusion.model == null ? 0 : fusion.weight * fusion.model.logProbability(prefix.labels(), label);
        CtcPrefix child = new CtcPrefix(prefix, label, prefix.extra + ofModel + fusion.bonus);
        prefix.children.put(label, child);
        return child;
    }

    double[][] logSoftmax(float[][] outputs) {
        double[][] result = new double[outputs.length][];
        for (int t = 0; t < outputs.length; t++) {
            if (outputs[t].length != outputs[0].length || blank >= outputs[t].length) {
                throw new IllegalArgumentException("outputs[" + t + "]: expected "
                        + (blank >= outputs[0].length ? "more than " + blank : String.valueOf(outputs[0].length))
                        + " classes, got " + outputs[t].length);
            }
            double largest = Double.NEGATIVE_INFINITY;
            for (float output : outputs[t]) {
                largest = Math.max(largest, output);
            }
            if (!Double.isFinite(largest)) {
                throw new IllegalArgumentException(
                        "outputs[" + t + "]: expected finite numbers, got " + Arrays.toString(outputs[t]));
            }
            double sum = 0;
            for (float output : outputs[t]) {
                sum += Math.exp(output - largest);
            }
            result[t] = new double[outputs[t].length];
            for (int c = 0; c < result[t].length; c++) {
                result[t][c] = outputs[t][c] - largest - Math.log(sum);
            }
        }
        return result;
    }
}
