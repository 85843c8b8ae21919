package org.gatefold.train.optimizer;

/** {@link Adam} with decoupled weight decay (Loshchilov and Hutter 2019), 0.01 unless {@link Adam#weightDecay} says otherwise. */
public final class AdamW {
    private static final float WEIGHT_DECAY = 0.01f;

    private AdamW() {}

    public static Adam of(float learningRate) {
        return Adam.of(learningRate).weightDecay(WEIGHT_DECAY);
    }
}
