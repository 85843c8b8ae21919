package org.gatefold.train;

import java.util.List;

/**
 * Decides from what is monitored, of which the lowest is the best, which epoch was best and when to stop; holds no state of its own.
 *
 * @param patience epochs without improvement after which training stops, at least 1
 * @param minImprovement how much lower than the best a loss must be to count, at least 0
 */
record EarlyStopping(int patience, double minImprovement) {
    EarlyStopping {
        if (patience < 1) {
            throw new IllegalArgumentException("patience: expected at least 1, got " + patience);
        }
        if (!(minImprovement >= 0) || Double.isInfinite(minImprovement)) {
            throw new IllegalArgumentException("minImprovement: expected a finite value >= 0, got " + minImprovement);
        }
    }

    /** Index of the best epoch, -1 if there is none. */
    int best(List<Double> monitored) {
        return best(monitored, minImprovement);
    }

    /** True if the best epoch lies {@code patience} epochs back. */
    boolean stops(List<Double> monitored) {
        return monitored.size() - 1 - best(monitored) >= patience;
    }

    /** Index of the last epoch that was lower than the best before it by more than {@code improvement}. */
    static int best(List<Double> monitored, double improvement) {
        int best = -1;
        for (int epoch = 0; epoch < monitored.size(); epoch++) {
            if (best < 0 || monitored.get(epoch) < monitored.get(best) - improvement) {
                best = epoch;
            }
        }
        return best;
    }
}
