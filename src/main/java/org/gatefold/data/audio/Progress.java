package org.gatefold.data.audio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells now and then how many features are computed, where that takes its time. Thread-safe. */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final long PAUSE_NANOS = 3_000_000_000L;

    private final String source;
    private final int all;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicLong next = new AtomicLong(System.nanoTime() + PAUSE_NANOS);

    Progress(String source, int all) {
        this.source = source;
        this.all = all;
    }

    /** One more is there. */
    void done() {
        int count = done.incrementAndGet();
        long now = System.nanoTime();
        long due = next.get();
        if (now >= due && next.compareAndSet(due, now + PAUSE_NANOS)) {
            LOG.info("{}: features of {} of {} recordings", source, count, all);
        }
    }
}
