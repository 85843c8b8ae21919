package org.gatefold.train.report;

import java.util.List;

/**
 * What a training run did. Immutable.
 *
 * @param epochs all finished epochs, those before a resume among them
 * @param bestEpoch index of the epoch with the lowest monitored loss or the best monitored metric, the first of equals; -1 before the first
 * @param end why training ended
 */
public record History(List<EpochReport> epochs, int bestEpoch, End end) {
    /** Why training ended. */
    public enum End {
        /** All epochs are done. */
        FINISHED,
        /** The monitored loss or metric did not improve any more. */
        STOPPED_EARLY,
        /** {@code Trainer.stop()} was called. */
        INTERRUPTED
    }

    public History {
        epochs = List.copyOf(epochs);
    }

    /**
     * The last finished epoch.
     *
     * @throws IllegalStateException if no epoch was finished, because training was stopped within the first
     */
    public EpochReport last() {
        return report(epochs.size() - 1);
    }

    /**
     * The epoch with the lowest monitored loss, or the best monitored metric.
     *
     * @throws IllegalStateException if no epoch was finished, because training was stopped within the first
     */
    public EpochReport best() {
        return report(bestEpoch);
    }

    private EpochReport report(int index) {
        if (index < 0) {
            throw new IllegalStateException("history: no epoch was finished (training was " + end
                    + " within the first); see whether epochs() is empty first");
        }
        return epochs.get(index);
    }
}
