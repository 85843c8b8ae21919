package org.gatefold.decode;

import java.util.Arrays;

/**
 * Reads labels off the outputs of a model that was trained by CTC while they come, by the likeliest path: {@link CtcDecoder#greedy}, which is
 * the same of all steps at once. One thread.
 */
public final class CtcStream {
    private final CtcDecoder decoder;
    private int[] labels = new int[16];
    private int[] steps = new int[16];
    private int count;
    private int last;
    private int step;
    private double sum;

    CtcStream(CtcDecoder decoder) {
        this.decoder = decoder;
        this.last = decoder.blank();
    }

    /**
     * Takes the next steps.
     *
     * @param outputs logits or logarithms of probabilities, {@code [step][class]}
     */
    public void take(float[]... outputs) {
        double[][] logProbabilities = decoder.logSoftmax(outputs);
        for (int t = 0; t < outputs.length; t++) {
            int best = 0;
            for (int c = 1; c < outputs[t].length; c++) {
                best = outputs[t][c] > outputs[t][best] ? c : best;
            }
            sum += logProbabilities[t][best];
            if (best != decoder.blank() && best != last) {
                add(best);
            }
            last = best;
            step++;
        }
    }

    private void add(int label) {
        if (count == labels.length) {
            labels = Arrays.copyOf(labels, 2 * count);
            steps = Arrays.copyOf(steps, 2 * count);
        }
        labels[count] = label;
        steps[count++] = step;
    }

    /** What was said in all steps so far, the first being step 0. */
    public CtcHypothesis found() {
        return new CtcHypothesis(Arrays.copyOf(labels, count), Arrays.copyOf(steps, count), sum, sum);
    }
}
