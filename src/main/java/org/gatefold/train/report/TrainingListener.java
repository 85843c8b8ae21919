package org.gatefold.train.report;

/** Is told how training goes, on the training thread; what it throws ends training. */
public interface TrainingListener {
    /**
     * Training begins; not told of a run that had ended before.
     *
     * @param epoch first epoch of this run: 0, or a later one after a resume
     * @param epochs number of epochs altogether
     * @param batches in an epoch
     */
    default void started(int epoch, int epochs, int batches) {}

    /**
     * An update is done. On a device that works while the host goes on, it is told when the next update has been submitted already, so that
     * the model may be an update further, unless {@link #seesEachUpdate} says that it must not.
     */
    default void stepped(StepReport report) {}

    /** Whether the model is to be as an update has left it while {@link #stepped} tells of it; then the device waits for the host. */
    default boolean seesEachUpdate() {
        return false;
    }

    /** An epoch is done, validation included. */
    default void epochEnded(EpochReport report) {}

    /** Training is over, unless by an exception. */
    default void ended(History history) {}
}
