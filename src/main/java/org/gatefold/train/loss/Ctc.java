package org.gatefold.train.loss;

import java.util.Locale;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.op.ctc.CtcSpec.Reduction;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Connectionist temporal classification of logits {@code [T, B, C]} against labels in order, without times, as PyTorch's
 * CTCLoss of their log-softmax. A target row that is longer than its output's row, counting a step between equal labels, has an
 * infinite loss, which ends training, unless {@link #zeroInfinity} is set. Immutable.
 */
public final class Ctc implements Loss {
    private static final String NAME = "ctc";

    private final CtcSpec spec;

    private Ctc(CtcSpec spec) {
        this.spec = spec;
    }

    static Ctc create() {
        return new Ctc(new CtcSpec(0, Reduction.ROW_MEAN, false));
    }

    /** The class that stands for no label, 0 by default; it may not occur among the labels. */
    public Ctc blank(int label) {
        return new Ctc(new CtcSpec(label, spec.reduction(), spec.zeroInfinity()));
    }

    /** Divides the loss of each row by the number of its labels before the mean is taken: PyTorch's reduction "mean". */
    public Ctc perLabel() {
        return new Ctc(new CtcSpec(spec.blank(), Reduction.LABEL_MEAN, spec.zeroInfinity()));
    }

    /** Sums over the rows of a batch: PyTorch's reduction "sum". Batches taken together count alike: the mean of their sums. */
    public Ctc summed() {
        return new Ctc(new CtcSpec(spec.blank(), Reduction.SUM, spec.zeroInfinity()));
    }

    /** Rows whose labels do not fit into their steps cost nothing, instead of infinitely much. */
    public Ctc zeroInfinity() {
        return new Ctc(new CtcSpec(spec.blank(), spec.reduction(), true));
    }

    @Override
    public String description() {
        return NAME
                + (spec.blank() == 0 ? "" : " blank " + spec.blank())
                + (spec.reduction() == Reduction.ROW_MEAN
                        ? ""
                        : " " + spec.reduction().name().toLowerCase(Locale.ROOT))
                + (spec.zeroInfinity() ? " zero infinity" : "");
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.labels(batch, NAME);
        Shape shape = output.shape();
        if (shape.rank() != 3) {
            throw Shape.mismatch("output", "[T, B, C], logits for each step", shape);
        }
        if (!target.form().sequence()) {
            throw new IllegalArgumentException("batch: expected a sequence of labels for each row for " + NAME
                    + ", got one label; give them as Column.tokens");
        }
        Targets.requireClasses(target, shape.dim(2), CrossEntropy.NO_IGNORE_INDEX);
        outputs.contribute(output, shape, gradient -> outputs.context()
                .op(CtcOp.class)
                .loss(
                        spec,
                        output.value(),
                        output.lengths(),
                        target.value(),
                        target.lengths(),
                        target.rowWeights(),
                        loss,
                        gradient));
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.labels(batch, NAME);
        double sum = 0;
        for (int row = 0; row < target.rows(); row++) {
            double weight = target.rowWeight(row);
            for (int i = 0; weight != 0 && i < target.length(row); i++) {
                requireLabel(target, i * target.rows() + row);
            }
            sum += weight;
        }
        return spec.reduction() == Reduction.SUM ? Math.min(1, Math.ceil(sum)) : sum;
    }

    private void requireLabel(BatchColumn target, int n) {
        int label = target.id(n);
        if (label < 0 || label == spec.blank()) {
            throw Targets.wrongLabel(true, n, target.rows(), "at least 0 and not the blank " + spec.blank(), label);
        }
    }
}
