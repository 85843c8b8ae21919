package org.gatefold.train.metric;

import org.gatefold.decode.CtcDecoder;
import org.gatefold.tensor.Lengths;

/** Edits between the labels of the likeliest path and those that are wanted, by the number of these. One thread at a time. */
final class LabelErrorRate implements Metric.Accumulator {
    private final CtcDecoder decoder;
    private double errors;
    private double wanted;

    LabelErrorRate(int blank) {
        this.decoder = CtcDecoder.create().blank(blank);
    }

    @Override
    public void add(Predictions predictions) {
        if (!predictions.hasLabels()) {
            throw new IllegalArgumentException("batch: expected labels for this metric, got none");
        }
        int rows = predictions.target().rows();
        Lengths lengths = predictions.outputLengths();
        for (int row = 0; row < rows; row++) {
            double weight = predictions.target().rowWeight(row);
            if (weight == 0) {
                continue;
            }
            float[][] outputs =
                    new float[lengths == null ? predictions.outputRows() / rows : lengths.of(row)][predictions.size()];
            for (int t = 0; t < outputs.length; t++) {
                for (int c = 0; c < predictions.size(); c++) {
                    outputs[t][c] = predictions.output(t * rows + row, c);
                }
            }
            int[] labels = new int[predictions.target().length(row)];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = predictions.label(i * rows + row);
            }
            errors += weight
                    * EditDistance.of(labels, decoder.greedy(outputs).labels()).errors();
            wanted += weight * labels.length;
        }
    }

    @Override
    public double value() {
        return errors / wanted;
    }
}
