package org.gatefold.train;

import org.gatefold.model.Model;
import org.gatefold.train.report.History;

/** The weights of a model after a run, and how it went; for tests that compare runs. */
record Trained(@SuppressWarnings("ArrayRecordComponent") float[] weights, History history) {
    /** A model as a run has left it. */
    static Trained of(Model model, History history) {
        return new Trained(model.parameters().values().toFloats(), history);
    }

    /** The loss of training of one epoch. */
    double loss(int epoch) {
        return history.epochs().get(epoch).trainingLoss();
    }
}
