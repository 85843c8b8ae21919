package org.gatefold.train;

import java.io.IOException;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.exchange.Weights;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Tensor;

/**
 * The weights of a run's best epoch, kept for the end of early stopping, and the epoch from which on it looks at losses.
 * Its memory is the scope's that it was made in. One thread.
 */
final class BestWeights {
    private static final String PREFIX = "best.";

    private final EarlyStopping rule;
    private final ParameterStore parameters;
    private final Tensor weights;
    private int from;
    private boolean kept;

    BestWeights(EarlyStopping rule, ParameterStore parameters, Scope scope) {
        this.rule = rule;
        this.parameters = parameters;
        this.weights = scope.zeros("best weights", parameters.values().shape());
    }

    /** Goes on from a checkpoint, if its run had early stopping and an epoch to keep. */
    void restore(Safetensors file, int savedFrom) throws IOException {
        if (file.entries().stream().anyMatch(entry -> entry.name().startsWith(PREFIX))) {
            Weights.restore(file, PREFIX, parameters, weights);
            from = savedFrom;
            kept = true;
        }
    }

    /**
     * Goes on from a checkpoint whose weights the model has. Where the run had no early stopping, the weights of its best
     * epoch are lost: it begins with the last finished epoch, whose weights these are, or, within an epoch, with that one.
     *
     * @param epochs number of finished epochs
     * @param withinEpoch whether updates were made since the last of them
     */
    void begin(int epochs, boolean withinEpoch) {
        if (kept || epochs == 0) {
            return;
        }
        from = withinEpoch ? epochs : epochs - 1;
        if (!withinEpoch) {
            keep();
        }
    }

    /** Takes note of the epoch that has just ended. */
    void epochEnded(List<Double> monitored) {
        if (rule.best(judged(monitored)) == monitored.size() - 1 - from) {
            keep();
        }
    }

    private void keep() {
        weights.copyFrom(parameters.values());
        kept = true;
    }

    /** True if training is to end. */
    boolean stop(List<Double> monitored) {
        return rule.stops(judged(monitored));
    }

    private List<Double> judged(List<Double> monitored) {
        return monitored.subList(Math.min(from, monitored.size()), monitored.size());
    }

    /** The first epoch whose loss counts. */
    int from() {
        return from;
    }

    /** Gives the model the weights of its best epoch, if there is one. */
    void giveBack() {
        if (kept) {
            parameters.values().copyFrom(weights);
            parameters.changed();
        }
    }

    /** Adds what a checkpoint has to keep. */
    void save(Weights.Entries entries) {
        if (kept) {
            entries.add(PREFIX, weights);
        }
    }
}
