package org.gatefold.layer.output;

import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** What a {@link Crf} needs on the device in every step of a context, which owns it. One thread at a time. */
final class CrfMasks implements Carried {
    private final Scope scope;
    private final Tensor oneHot;
    private final Tensor known;
    private final Tensor scores;

    CrfMasks(Scope parent, int labels, CrfConstraints constraints) {
        this.scope = parent.child("crf");
        this.oneHot = scope.zeros("one-hot labels", labels, labels);
        float[] identity = new float[labels * labels];
        for (int k = 0; k < labels; k++) {
            identity[k * labels + k] = 1f;
        }
        oneHot.write(identity);
        this.known = scope.zeros("known labels", labels + 1, labels);
        float[] others = new float[labels * labels];
        for (int i = 0; i < others.length; i++) {
            others[i] = identity[i] == 1f ? 0f : Float.NEGATIVE_INFINITY;
        }
        known.write(0, others, 0, others.length);
        this.scores = constraints == null ? null : scope.f32("constraints", labels + 2, labels);
        if (scores != null) {
            scores.write(constraints.scores());
        }
    }

    /** {@code [K, K]}, a row of a single 1 for each label. */
    Tensor oneHot() {
        return oneHot;
    }

    /** {@code [K + 1, K]}: for each label 0 at its place and −∞ elsewhere; at last 0 for all, where none is known. */
    Tensor known() {
        return known;
    }

    /** {@code [K]}, 0 or −∞. */
    Tensor start() {
        return scores.part("allowed starts", 0, Shape.of(scores.shape().dim(1)));
    }

    /** {@code [K]}, 0 or −∞. */
    Tensor end() {
        int labels = scores.shape().dim(1);
        return scores.part("allowed ends", labels, Shape.of(labels));
    }

    /** {@code [K, K]}, 0 or −∞. */
    Tensor transitions() {
        int labels = scores.shape().dim(1);
        return scores.part("allowed transitions", 2L * labels, Shape.of(labels, labels));
    }

    /** Keeps them: they are the same in every step. */
    @Override
    public void clear() {}

    @Override
    public void close() {
        scope.close();
    }
}
