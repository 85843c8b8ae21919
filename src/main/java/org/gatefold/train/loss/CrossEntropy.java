package org.gatefold.train.loss;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Tensor;

/** Softmax cross-entropy. A label that counts and is no class of the output is refused by its place in the batch. Immutable. */
public final class CrossEntropy implements Loss {
    /** A label that never occurs. */
    public static final int NO_IGNORE_INDEX = Integer.MIN_VALUE;

    private final int ignoreIndex;
    private final float smoothing;
    private final float[] classWeights;

    private CrossEntropy(int ignoreIndex, float smoothing, float[] classWeights) {
        if (!(smoothing >= 0f && smoothing < 1f)) {
            throw new IllegalArgumentException("smoothing: expected 0 <= smoothing < 1, got " + smoothing);
        }
        this.ignoreIndex = ignoreIndex;
        this.smoothing = smoothing;
        this.classWeights = classWeights;
    }

    static CrossEntropy create() {
        return new CrossEntropy(NO_IGNORE_INDEX, 0f, null);
    }

    /** Rows with this label do not count. */
    public CrossEntropy ignoring(int label) {
        return new CrossEntropy(label, smoothing, classWeights);
    }

    /**
     * Label smoothing.
     *
     * @param strength how much of the target probability is spread over all classes, 0 to below 1
     */
    public CrossEntropy smoothing(float strength) {
        return new CrossEntropy(ignoreIndex, strength, classWeights);
    }

    /**
     * Rows count by the weight of their class, as in PyTorch's CrossEntropyLoss: the mean is divided by the sum of these weights.
     *
     * @param weights one for each class, finite and at least 0
     */
    public CrossEntropy classWeights(float... weights) {
        ClassWeights.check("classWeights", weights);
        return new CrossEntropy(ignoreIndex, smoothing, weights.clone());
    }

    @Override
    public String description() {
        return "cross-entropy" + (ignoreIndex == NO_IGNORE_INDEX ? "" : " ignoring " + ignoreIndex)
                + (smoothing == 0f ? "" : " smoothing " + smoothing)
                + (classWeights == null ? "" : " class weights " + Arrays.toString(classWeights));
    }

    @Override
    public void compute(Outputs outputs, DeviceBatch batch, Tensor loss) {
        Variable output = outputs.only();
        DeviceColumn target = Targets.labels(batch, "cross-entropy");
        Tensor labels = Targets.rows(target);
        Tensor logits = Targets.rows(output, target);
        if (classWeights != null && classWeights.length != logits.shape().dim(1)) {
            throw new IllegalArgumentException("classWeights: expected "
                    + logits.shape().dim(1) + " of them, one for each class, got " + classWeights.length);
        }
        Targets.requireClasses(target, logits.shape().dim(1), ignoreIndex);
        Tensor constants = Constants.of(outputs.context(), this, "class weights", classWeights);
        outputs.contribute(output, logits.shape(), gradient -> outputs.context()
                .op(LossOp.class)
                .crossEntropy(logits, labels, ignoreIndex, smoothing, constants, target.weights(), loss, gradient));
    }

    @Override
    public double weight(Batch batch) {
        BatchColumn target = Targets.labels(batch, "cross-entropy");
        double sum = 0;
        for (int n = 0; n < target.targetRows(); n++) {
            Targets.requireNotNegative(target, n, ignoreIndex);
            sum += target.id(n) == ignoreIndex ? 0 : target.weight(n) * classWeight(target.id(n));
        }
        return sum;
    }

    private double classWeight(int label) {
        return classWeights == null || label < 0 || label >= classWeights.length ? 1 : classWeights[label];
    }
}
