package org.gatefold.backend.cpu;

import org.gatefold.op.optimizer.NadamMomentum;
import org.gatefold.op.optimizer.UpdateRule;

/** The settings of an update rule as the native library reads them: {@code gf_optimizer} as arrays. One thread at a time. */
final class NativeUpdate {
    private static final int SGD = 0;
    private static final int RMSPROP = 1;
    private static final int ADAM = 2;
    private static final int ADAGRAD = 3;
    private static final int ADADELTA = 4;
    private static final int NADAM = 5;
    private static final int ADAMAX = 6;
    private static final int LAMB = 7;

    private final UpdateRule rule;
    private final NadamMomentum nadam;
    private final int[] integers = new int[4];
    private final float[] floats = new float[11];

    NativeUpdate(UpdateRule rule, UpdateRule.Penalty penalty) {
        this.rule = rule;
        nadam = rule instanceof UpdateRule.NAdam r ? new NadamMomentum(r) : null;
        integers[3] = penalty.decoupled() ? 1 : 0;
        floats[7] = penalty.l1();
        floats[8] = penalty.l2();
        if (rule instanceof UpdateRule.Sgd sgd) {
            integers[0] = SGD;
            integers[1] = sgd.nesterov() ? 1 : 0;
            floats[1] = sgd.momentum();
            floats[2] = sgd.dampening();
        } else if (rule instanceof UpdateRule.RmsProp rms) {
            integers[0] = RMSPROP;
            integers[2] = rms.centered() ? 1 : 0;
            floats[1] = rms.momentum();
            averaged(rms.alpha(), rms.epsilon());
        } else if (rule instanceof UpdateRule.Adam adam) {
            integers[0] = ADAM;
            moments(adam.beta1(), adam.beta2(), adam.epsilon());
        } else if (rule instanceof UpdateRule.Adagrad adagrad) {
            integers[0] = ADAGRAD;
            averaged(0f, adagrad.epsilon());
        } else if (rule instanceof UpdateRule.Adadelta adadelta) {
            integers[0] = ADADELTA;
            averaged(adadelta.rho(), adadelta.epsilon());
        } else if (rule instanceof UpdateRule.NAdam r) {
            integers[0] = NADAM;
            moments(r.beta1(), r.beta2(), r.epsilon());
        } else if (rule instanceof UpdateRule.AdaMax r) {
            integers[0] = ADAMAX;
            moments(r.beta1(), r.beta2(), r.epsilon());
        } else if (rule instanceof UpdateRule.Lamb r) {
            integers[0] = LAMB;
            moments(r.beta1(), r.beta2(), r.epsilon());
        } else {
            throw new IllegalStateException("unknown rule " + rule);
        }
    }

    private void averaged(float alpha, float epsilon) {
        floats[3] = alpha;
        floats[6] = epsilon;
    }

    private void moments(float beta1, float beta2, float epsilon) {
        floats[4] = beta1;
        floats[5] = beta2;
        floats[6] = epsilon;
    }

    /** Goes to an update, counted from 1. */
    void at(float learningRate, long step) {
        floats[0] =
                rule instanceof UpdateRule.Adagrad adagrad ? (float) adagrad.rate(learningRate, step) : learningRate;
        if (nadam != null) {
            nadam.at(step);
            floats[9] = (float) nadam.ofMean();
            floats[10] = (float) nadam.ofGradient();
        }
    }

    /** The library's third state is RMSProp's momentum, whether or not there is a second. */
    boolean momentumIsThird() {
        return rule instanceof UpdateRule.RmsProp rms && !rms.centered();
    }

    int[] integers() {
        return integers;
    }

    float[] floats() {
        return floats;
    }
}
