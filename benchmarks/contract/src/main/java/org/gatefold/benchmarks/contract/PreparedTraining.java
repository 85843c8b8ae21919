package org.gatefold.benchmarks.contract;

/** A {@link Pass#TRAINING_STEP} that is ready to be repeated. Owned, and bound to a thread, as any {@link PreparedPass}. */
public interface PreparedTraining extends PreparedPass {
    /** One step: the loss before its update. */
    float step();

    @Override
    default void run() {
        step();
    }

    @Override
    default Results runChecked() {
        float[] losses = new float[TrainingStep.CHECKED_STEPS];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = step();
        }
        return new Results().put("loss", losses);
    }
}
