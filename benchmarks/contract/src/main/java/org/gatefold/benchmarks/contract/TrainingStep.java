package org.gatefold.benchmarks.contract;

/** The constants of {@link Pass#TRAINING_STEP}, the same for every contestant. */
public final class TrainingStep {
    public static final double LEARNING_RATE = 1e-3;
    public static final double BETA1 = 0.9;
    public static final double BETA2 = 0.999;

    /** So small that it does not matter whether a library adds it before or after the bias correction. */
    public static final double EPSILON = 1e-12;

    /** Low enough that every step is clipped, so that no contestant is timed without the work. */
    public static final double MAX_NORM = 1e-3;

    /** Updates made for the check; their losses are compared. */
    public static final int CHECKED_STEPS = 5;

    private TrainingStep() {}
}
