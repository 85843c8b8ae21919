package org.gatefold.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;

/** A thread that closes something which is in use. For tests; one thread. */
public final class Closing {
    private final Thread thread;
    private volatile boolean over;
    private volatile Throwable failure;

    private Closing(Runnable close) {
        thread = new Thread(() -> {
            try {
                close.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            over = true;
        });
    }

    /** Begins to close, and checks that this waits, as it must while the calling test uses it. */
    public static Closing thatWaits(Runnable close) {
        Closing closing = new Closing(close);
        closing.thread.start();
        // It has ended, or it sleeps between two looks at the call that it waits for.
        while (!closing.over && closing.thread.getState() != Thread.State.TIMED_WAITING) {
            LockSupport.parkNanos(10_000);
        }
        assertThat(closing.over).as("closed while in use").isFalse();
        return closing;
    }

    /** Waits for the end, which must be a good one, of what nothing uses any more. */
    public void requireEnd() throws InterruptedException {
        thread.join();
        assertThat(failure).isNull();
    }
}
