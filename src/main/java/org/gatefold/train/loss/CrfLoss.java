package org.gatefold.train.loss;

import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.layer.output.Crf;
import org.gatefold.layer.output.LikelihoodLayer;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The negative log probability of whole sequences of labels, by the conditional random field that gave the output. Immutable. */
record CrfLoss() implements Loss {
    @Override
    public String description() {
        return "crf";
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.labels(batch, description());
        if (!target.form().sequence()) {
            throw new IllegalArgumentException("batch: expected labels per step for crf, got labels per row");
        }
        LikelihoodLayer.Pass<Crf> pass = LikelihoodLayer.of(outputs.context(), output, Crf.class);
        Shape steps = target.value().shape();
        Shape.require("target", steps, output.shape().dim(0), output.shape().dim(1));
        requireSameLengths(output.lengths(), target.lengths(), steps);
        if (target.stepWeights() != null) {
            ofKnownLabels(outputs, pass, target, loss);
            return;
        }
        Variable likelihood =
                pass.layer().logLikelihood(outputs.context(), pass.x(), target.value(), target.rowWeights());
        Likelihoods.mean(outputs, likelihood, target.rowWeights(), loss);
    }

    /** Steps of weight 0 may have any label; rows of nothing but such steps do not count. */
    private static void ofKnownLabels(
            Outputs outputs, LikelihoodLayer.Pass<Crf> pass, DeviceColumn target, Tensor loss) {
        int rows = target.value().shape().dim(1);
        int[] labels = target.value().toInts();
        float[] weights = target.stepWeights().toFloats();
        float[] counts = new float[rows];
        for (int n = 0; n < labels.length; n++) {
            int step = n / rows;
            int row = n % rows;
            boolean real = target.lengths() == null || step < target.lengths().of(row);
            if (!real || weights[n] == 0f) {
                labels[n] = Crf.UNKNOWN;
            } else if (weights[n] == 1f) {
                counts[row] = 1f;
            } else {
                throw new IllegalArgumentException("weights: expected 0 or 1 for every step with crf, got " + weights[n]
                        + " for step " + step + " of row " + row);
            }
        }
        Tensor ofRows = outputs.context().scope().f32("rows that count", rows);
        ofRows.write(counts);
        Likelihoods.mean(outputs, pass.layer().logLikelihood(outputs.context(), pass.x(), labels), ofRows, loss);
    }

    private static void requireSameLengths(Lengths output, Lengths target, Shape steps) {
        for (int b = 0; b < steps.dim(1); b++) {
            int given = output == null ? steps.dim(0) : output.of(b);
            int wanted = target == null ? steps.dim(0) : target.of(b);
            if (given != wanted) {
                throw new IllegalArgumentException("target: expected " + given
                        + " labels, one for each step of the output, in row " + b + ", got " + wanted);
            }
        }
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.labels(batch, description());
        double sum = 0;
        for (int row = 0; row < target.rows(); row++) {
            sum += target.hasStepWeights() ? known(target, row) : target.rowWeight(row);
        }
        return sum;
    }

    /** 1 for a row with a label that is known, else 0. */
    private static double known(BatchColumn target, int row) {
        for (int t = 0; t < target.length(row); t++) {
            if (target.weight(t * target.rows() + row) != 0f) {
                return 1;
            }
        }
        return 0;
    }
}
