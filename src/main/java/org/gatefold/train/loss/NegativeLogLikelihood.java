package org.gatefold.train.loss;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.layer.output.LikelihoodLayer;
import org.gatefold.layer.output.VocabularySoftmax;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Tensor;

/** The negative log probability of labels, by the {@link VocabularySoftmax} that gave the output. Immutable. */
public final class NegativeLogLikelihood implements Loss {
    private static final String NAME = "negative log-likelihood";

    private final int ignoreIndex;

    private NegativeLogLikelihood(int ignoreIndex) {
        this.ignoreIndex = ignoreIndex;
    }

    static NegativeLogLikelihood create() {
        return new NegativeLogLikelihood(CrossEntropy.NO_IGNORE_INDEX);
    }

    /** Rows with this label do not count. */
    public NegativeLogLikelihood ignoring(int label) {
        return new NegativeLogLikelihood(label);
    }

    @Override
    public String description() {
        return NAME + (ignoreIndex == CrossEntropy.NO_IGNORE_INDEX ? "" : " ignoring " + ignoreIndex);
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.labels(batch, NAME);
        Targets.rows(output, target);
        LikelihoodLayer.Pass<VocabularySoftmax> pass =
                LikelihoodLayer.of(outputs.context(), output, VocabularySoftmax.class);
        List<VocabularySoftmax.Term> terms =
                pass.layer().terms(outputs.context(), pass, Targets.rows(target), target.weights(), ignoreIndex);
        for (int i = 0; i < terms.size(); i++) {
            VocabularySoftmax.Term term = terms.get(i);
            float share = (float) term.share();
            Tensor mean = i == 0 ? loss : outputs.context().scope().f32("loss of a term", 1);
            outputs.times(share).contribute(term.logits(), term.logits().shape(), gradient -> outputs.context()
                    .op(LossOp.class)
                    .crossEntropy(
                            term.logits().value(),
                            term.labels(),
                            term.ignored(),
                            0f,
                            null,
                            term.weights(),
                            mean,
                            gradient));
            if (i > 0) {
                outputs.context().op(ElementwiseOp.class).addScaled(share, mean, loss);
            }
        }
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.labels(batch, NAME);
        double sum = 0;
        for (int n = 0; n < target.targetRows(); n++) {
            sum += target.id(n) == ignoreIndex ? 0 : target.weight(n);
        }
        return sum;
    }
}
