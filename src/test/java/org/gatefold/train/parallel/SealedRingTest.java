package org.gatefold.train.parallel;

/** What holds of workers in a ring holds where they encrypt what they tell each other. */
class SealedRingTest extends RingTest {
    @Override
    boolean encrypted() {
        return true;
    }
}
