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
        Variable likelihood =
                pass.layer().logLikelihood(outputs.context(), pass.x(), target.value(), target.rowWeights());
        Likelihoods.mean(outputs, likelihood, target.rowWeights(), loss);
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
            sum += target.rowWeight(row);
        }
        return sum;
    }
}
