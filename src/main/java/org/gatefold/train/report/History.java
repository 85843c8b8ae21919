package org.gatefold.train.report;

import java.util.List;
import org.gatefold.train.Trainer;

/**
 * What a training run did. Immutable.
 *
 * @param epochs all finished epochs, those before a resume among them
 * @param bestEpoch index of the epoch with the lowest monitored loss, the first of equals; -1 before the first
 * @param end why training ended
 */
public record History(List<EpochReport> epochs, int bestEpoch, End end) {
    /** Why training ended. */
    public enum End {
        /** All epochs are done. */
        FINISHED,
        /** The monitored loss did not improve any more. */
        STOPPED_EARLY,
        /** {@link Trainer#stop()} was called. */
        INTERRUPTED
    }

    public History {
        epochs = List.copyOf(epochs);
    }

    /** The last finished epoch. */
    public EpochReport last() {
        return epochs.get(epochs.size() - 1);
    }

    /** The epoch with the lowest monitored loss. */
    public EpochReport best() {
        return epochs.get(bestEpoch);
    }
}
