package org.gatefold.train.loss;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.gatefold.data.Batch;
import org.gatefold.data.BatchColumn;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.op.loss.LossOp;
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
        return new Regression(LossOp.Regression.MSE, 1f);
    }

    /** Mean of absolute differences. */
    static Loss mae() {
        return new Regression(LossOp.Regression.MAE, 1f);
    }

    /**
     * Half the squared difference up to {@code delta}, linear beyond it.
     *
     * @param delta greater than 0
     */
    static Loss huber(float delta) {
        return new Regression(LossOp.Regression.HUBER, delta);
    }

    /** Cross-entropy of the softmax of the output, no label ignored, no smoothing. */
    static CrossEntropy crossEntropy() {
        return new CrossEntropy(CrossEntropy.NO_IGNORE_INDEX, 0f);
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
