package org.gatefold.train;

import java.io.IOException;
import org.gatefold.device.Scope;
import org.gatefold.exchange.Weights;
import org.gatefold.file.Safetensors;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;

/**
 * The average of a run's weights, and the weights themselves while the model holds the average. Its memory is the scope's that it was made
 * in. One thread.
 */
final class AveragedWeights {
    private static final String PREFIX = "average.";

    private final WeightAverage rule;
    private final ParameterStore parameters;
    private final ElementwiseOp op;
    private final Tensor average;
    private final Tensor weights;
    private final Runnable statistics;
    private long averaged;

    /** Whether the running statistics in the average are others than those of its weights. */
    private boolean stale = true;

    /** @param statistics computes the running statistics of batch normalisation anew, of the weights that the model holds */
    AveragedWeights(WeightAverage rule, ParameterStore parameters, Scope scope, Runnable statistics) {
        this.statistics = statistics;
        this.rule = rule;
        this.parameters = parameters;
        this.op = scope.device().operation(ElementwiseOp.class);
        this.average = scope.zeros("average of weights", parameters.values().shape());
        this.weights = scope.zeros("weights", parameters.values().shape());
    }

    /** Takes note of an update that was made. */
    void updated(long number) {
        if (!rule.byEpochs() && rule.takes(number)) {
            take();
        }
    }

    /** Takes note of an epoch that has ended. */
    void epochEnded(int number) {
        if (rule.byEpochs() && rule.takes(number)) {
            take();
        }
    }

    private void take() {
        Call call = Call.begin(average);
        try {
            if (averaged == 0) {
                average.copyFrom(parameters.values());
            } else {
                // By their difference, so that what never changes, as frozen parameters, is its own average to the bit.
                weights.copyFrom(parameters.values());
                op.addScaled(-1, average, weights);
                op.addScaled((float) (1 - rule.share(averaged)), weights, average);
            }
            averaged++;
            stale = true;
        } finally {
            call.end();
        }
    }

    /** Does something while the model holds the average, if there is one; the model holds its weights again afterwards. */
    void during(Runnable work) {
        if (averaged == 0) {
            work.run();
            return;
        }
        weights.copyFrom(parameters.values());
        install();
        try {
            work.run();
        } finally {
            parameters.values().copyFrom(weights);
            parameters.changed();
        }
    }

    /** Gives the model the average, if there is one. */
    void install() {
        if (averaged > 0) {
            parameters.values().copyFrom(average);
            parameters.changed();
            if (rule.recomputesStatistics() && stale) {
                statistics.run();
                average.copyFrom(parameters.values());
                stale = false;
            }
        }
    }

    /** Of how many weights it is the average. */
    long averaged() {
        return averaged;
    }

    /** Adds what a checkpoint has to keep. */
    void save(Weights.Entries entries) {
        if (averaged > 0) {
            entries.add(PREFIX, average);
        }
    }

    /** Goes on from a checkpoint, if its run had an average. */
    void restore(Safetensors file, long savedAveraged) throws IOException {
        if (savedAveraged > 0) {
            Weights.restore(file, PREFIX, parameters, average);
            averaged = savedAveraged;
        }
    }
}
