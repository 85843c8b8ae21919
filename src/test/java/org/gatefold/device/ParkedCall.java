package org.gatefold.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** A call of a thread of its own that stands still in its middle until it is released. For tests. */
public final class ParkedCall {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Thread thread;
    private volatile Throwable failure;

    private ParkedCall(Consumer<ParkedCall> call) {
        thread = new Thread(() -> {
            try {
                call.accept(this);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                inside.countDown();
            }
        });
    }

    /** Starts a call, which parks itself by {@link #park()}; returns when it stands. */
    public static ParkedCall start(Consumer<ParkedCall> call) throws InterruptedException {
        ParkedCall parked = new ParkedCall(call);
        parked.thread.start();
        parked.inside.await();
        return parked;
    }

    /** Stands still, the first time; called from within the call. */
    public void park() {
        inside.countDown();
        try {
            released.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Checks that closing waits for the call, lets that go on, and waits for the end of both. */
    public void requireAwaitedBy(Runnable close) throws InterruptedException {
        Closing closing = Closing.thatWaits(close);
        release();
        closing.requireEnd();
    }

    /** Lets the call go on to its end. */
    public void release() throws InterruptedException {
        assertThat(thread.isAlive()).isTrue();
        released.countDown();
        thread.join();
    }

    /** Why the call failed; null if it did not. */
    public Throwable failure() {
        return failure;
    }
}
