package org.gatefold.train;

/** The loss scale of a run, which its {@link LossScaling} moves up and down. One thread. */
final class LossScale {
    /** What no scale down to here can make finite is not finite itself: the smallest number that binary16 can hold. */
    private static final float LEAST = 0x1p-24f;

    private final LossScaling scaling;
    private float value;
    private int updates;
    private long skipped;

    LossScale(LossScaling scaling) {
        this.scaling = scaling;
        this.value = scaling.initialScale();
    }

    /** Goes on where another run was; a scale that is fixed stays what it is. */
    void restore(float savedValue, int savedUpdates, long savedSkipped) {
        if (scaling.backsOff() && savedValue > 0f) {
            value = savedValue;
            updates = savedUpdates;
        }
        skipped = savedSkipped;
    }

    /**
     * Where a scale stands.
     *
     * @param value the scale
     * @param updates made since it last changed
     */
    record Position(float value, int updates) {}

    Position position() {
        return new Position(value, updates);
    }

    /** Goes back to where it was when an update was taken to be made that was not. */
    void returnTo(Position earlier) {
        value = earlier.value();
        updates = earlier.updates();
    }

    float value() {
        return value;
    }

    /** Updates made since the scale last changed. */
    int updates() {
        return updates;
    }

    /** Updates that were not made. */
    long skipped() {
        return skipped;
    }

    /** Counts an update that was made. */
    void updated() {
        updates++;
        if (updates >= scaling.growthInterval()) {
            float grown = value * scaling.growthFactor();
            value = Float.isFinite(grown) ? grown : value;
            updates = 0;
        }
    }

    /** Counts an update that was skipped because of its gradients; false if a smaller scale cannot be hoped to help. */
    boolean backOff() {
        float smaller = value * scaling.backoffFactor();
        if (!scaling.backsOff() || smaller < LEAST) {
            return false;
        }
        value = smaller;
        updates = 0;
        skipped++;
        return true;
    }
}
