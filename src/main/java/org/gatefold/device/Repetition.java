package org.gatefold.device;

/**
 * Where a device is told that work comes again and again, such as the updates of a training, which it may then take faster. What the work
 * does, and in which order others see it, stays the same. A service of a device ({@link Device#service}); may be called by any thread.
 */
public interface Repetition {
    /** Says that other work is going to come than so far: that it has not come again says nothing of what follows. */
    void lookAnew();

    /** Begins one of the repetitions; it is of the calling thread. Does nothing while another thread is in one. */
    void begin();

    /**
     * Ends what this thread has begun; does nothing if it has not.
     *
     * @throws RuntimeException if some of its work could not be submitted, which was put off
     */
    void end();
}
