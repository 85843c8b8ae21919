package org.gatefold.recipe.field;

import java.util.List;
import java.util.Optional;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/** A target that an {@link org.gatefold.seq2seq.EncoderDecoder} writes symbol by symbol, learnt by cross-entropy of the next one. */
public interface WrittenTarget extends Target {
    /** The share of certainty that all symbols get in the loss; 0 for none. */
    float smoothing();

    @Override
    default Loss loss() {
        return smoothing() == 0 ? Loss.crossEntropy() : Loss.crossEntropy().smoothing(smoothing());
    }

    @Override
    default List<Metric> metrics() {
        return List.of(Metric.perplexity());
    }

    /** Labels are not smoothed in it, as they are in the loss. */
    @Override
    default Optional<Monitored> monitored() {
        return Optional.of(new Monitored(metrics().get(0).name(), false));
    }
}
