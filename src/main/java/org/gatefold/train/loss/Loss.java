package org.gatefold.train.loss;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.PointwiseLoss;
import org.gatefold.tensor.Tensor;

/**
 * What a model's output costs, measured against a batch: the weighted mean over what counts, usually over target rows, that
 * is over rows or, for targets per step, over valid steps; padding never counts.
 *
 * <p>The losses here want an output {@code [B, F]} for one target per row and {@code [T, B, F]} for one per step, F being
 * the number of values to predict or of classes. Programs may write losses of their own: {@link #compute} writes the mean
 * and contributes its gradient, {@link #weight} says what the mean is taken over, {@link #description} tells it from others.
 * A loss sees one output and one target unless it looks for several: which ones is chosen by {@link #on}. What it needs beside
 * them, it finds in the batch: the lengths of output ({@code Variable.lengths()}) and target ({@link DeviceColumn#lengths()}),
 * the weights of target rows ({@link DeviceColumn#weights()}) or of whole rows ({@link DeviceColumn#rowWeights()}).
 *
 * <p>Immutable and safe for many threads.
 */
public interface Loss {
    /** Mean of squared differences. */
    static Loss mse() {
        return Pointwise.of(PointwiseLoss.mse());
    }

    /** Mean of absolute differences. */
    static Loss mae() {
        return Pointwise.of(PointwiseLoss.mae());
    }

    /**
     * Half the squared difference up to {@code delta}, linear beyond it.
     *
     * @param delta greater than 0
     */
    static Loss huber(float delta) {
        return Pointwise.of(PointwiseLoss.huber(delta));
    }

    /** Mean of {@code log(cosh(d))}: about half the square of small differences, linear beyond. */
    static Loss logCosh() {
        return Pointwise.of(PointwiseLoss.logCosh());
    }

    /**
     * Quantile (pinball) loss: the output predicts quantiles of each target. It has {@code F * quantiles} columns, the quantiles
     * of one target side by side.
     *
     * @param quantiles at least one, each between 0 and 1
     */
    static Loss quantiles(float... quantiles) {
        return Pointwise.quantiles(quantiles);
    }

    /**
     * Negative log-likelihood of normal distributions. The output has {@code 2 * F} columns: for each target its mean and the
     * logarithm of its variance, side by side.
     */
    static Loss gaussianNll() {
        return Pointwise.of(PointwiseLoss.gaussianNll());
    }

    /**
     * Negative log-likelihood of Student's t distributions, which outliers pull less than normal ones. The output has {@code 2 * F}
     * columns: for each target its location and the logarithm of its scale, side by side.
     *
     * @param degreesOfFreedom greater than 0
     */
    static Loss studentTNll(float degreesOfFreedom) {
        return Pointwise.of(PointwiseLoss.studentTNll(degreesOfFreedom));
    }

    /**
     * Binary cross-entropy of logits; several columns are as many labels of a row, each true by itself or not. Targets are
     * numbers, 0 to 1.
     */
    static Loss binaryCrossEntropy() {
        return Pointwise.of(PointwiseLoss.binaryCrossEntropy());
    }

    /**
     * As {@link #binaryCrossEntropy()}, with weights by which positive targets count, as PyTorch's {@code pos_weight}.
     *
     * @param positiveWeights one for each column, at least 0
     */
    static Loss binaryCrossEntropy(float... positiveWeights) {
        return Pointwise.binaryCrossEntropy(positiveWeights);
    }

    /**
     * Focal loss of logits (Lin 2017): binary cross-entropy in which examples that are well classified count little.
     *
     * @param gamma how much less, at least 0; 2 in the paper
     * @param alpha weight of targets 1, that of targets 0 being {@code 1 - alpha}; 0.25 in the paper
     */
    static Loss focal(float gamma, float alpha) {
        return Pointwise.of(PointwiseLoss.focal(gamma, alpha));
    }

    /** Hinge loss {@code max(0, 1 - y x)}, y being 1 for targets above 0, else -1. */
    static Loss hinge() {
        return Pointwise.of(PointwiseLoss.hinge());
    }

    /** The square of {@link #hinge()}, element by element. */
    static Loss squaredHinge() {
        return Pointwise.of(PointwiseLoss.squaredHinge());
    }

    /**
     * Kullback-Leibler divergence of target probabilities from the output, which holds logarithms of probabilities, as
     * {@code Softmax.logarithms()} gives. Summed over columns; the mean is over rows, as PyTorch's "batchmean".
     */
    static Loss klDivergence() {
        return Pointwise.of(PointwiseLoss.klDivergence());
    }

    /** One less the cosine between output and target, both vectors. */
    static Loss cosine() {
        return new CosineDistance();
    }

    /**
     * Cosine embedding of two outputs, as PyTorch's: {@code 1 - cos} where the target, one number, is above 0, else {@code max(0,
     * cos - margin)}. It looks for the outputs by name itself, and for the only target.
     *
     * @param first name of an output
     * @param second name of the other output
     * @param margin -1 to 1
     */
    static Loss cosineEmbedding(String first, String second, float margin) {
        return new CosineEmbedding(first, second, margin);
    }

    /** Cross-entropy of the softmax of the output, no label ignored, no smoothing. */
    static CrossEntropy crossEntropy() {
        return CrossEntropy.create();
    }

    /**
     * Connectionist temporal classification (Graves et al. 2006): the output's steps are to say the target's labels in this
     * order, at whatever times. The output is {@code [T, B, C]}, the target a sequence of ids with lengths of its own, such as
     * {@code Column.tokens}; class 0 is the blank.
     */
    static Ctc ctc() {
        return Ctc.create();
    }

    /**
     * The negative log probability of all labels of a row together, by the {@code Crf} that is the model's last layer. The mean is over
     * rows, by their weights. Weights of steps are 0 or 1: a label of weight 0 is not known, and what counts is the probability of all
     * labels of a row that are, which sums over the others (Tsuboi et al. 2008); rows without a known label do not count.
     */
    static Loss crf() {
        return new CrfLoss();
    }

    /**
     * The negative log probability of labels, by the {@code AdaptiveSoftmax} or {@code SampledSoftmax} that is the model's last layer; no
     * label ignored.
     */
    static NegativeLogLikelihood nll() {
        return NegativeLogLikelihood.create();
    }

    /**
     * The sum of several losses. Each is a mean over what it counts within a batch; where several batches are taken
     * together, for an update or an epoch, they count by the sum of the weights of all terms.
     *
     * @param terms at least one
     */
    static Loss sum(Loss... terms) {
        return new Sum(Arrays.asList(terms));
    }

    /**
     * The sum of a loss for each of several outputs and the target of the same name, in the order of the names; terms are
     * weighted by {@link #times}.
     *
     * @param terms at least one, by name of output and target
     */
    static Loss sum(Map<String, Loss> terms) {
        return new Sum(new TreeMap<>(terms)
                .entrySet().stream()
                        .map(term -> term.getValue().on(term.getKey(), term.getKey()))
                        .toList());
    }

    /**
     * What it is, in words: equal texts mean equal costs. Kept in checkpoints, which refuse to go on with another loss; for
     * instance {@code "huber(0.5)"}.
     */
    String description();

    /**
     * Computes the loss of a batch and, through {@link Outputs#contribute}, its gradient.
     *
     * @param outputs of the model, read
     * @param batch targets and weights, read
     * @param loss {@code [1]}, written; 0 if {@link #weight} is 0
     * @throws IllegalArgumentException if the outputs do not fit the targets
     */
    void compute(Outputs outputs, DeviceBatch batch, Tensor loss);

    /**
     * The sum of the weights that the mean of this batch is taken over, for instance of {@link BatchColumn#weight}; by it
     * batches count beside each other.
     */
    double weight(Batch batch);

    /** This loss of one of several outputs, against one of several targets. */
    default Loss on(String output, String target) {
        return new Selected(this, output, target);
    }

    /** This loss multiplied by a factor; for {@link #sum}. */
    default Loss times(float factor) {
        return new Weighted(this, factor);
    }
}
