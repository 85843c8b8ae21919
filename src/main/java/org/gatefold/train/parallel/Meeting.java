package org.gatefold.train.parallel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Where threads wait for each other and hand each other something. Thread-safe; each rank is one thread at a time. */
final class Meeting {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();
    private final int size;
    private String[] calls;
    private Object[] given;
    private List<Object> taken = List.of();
    private int arrived;
    private long rounds;
    private String failure;

    Meeting(int size) {
        this.size = size;
        begin();
    }

    private void begin() {
        calls = new String[size];
        given = new Object[size];
        arrived = 0;
    }

    int size() {
        return size;
    }

    /**
     * Waits until all are here. An interrupt is kept for later.
     *
     * @param call what this one is about to do, in words; must be the same in all
     * @param mine not null
     * @return what all have given, in the order of their ranks
     * @throws CollectiveException if one does something else, or has given up
     */
    List<Object> exchange(int rank, String call, Object mine) {
        lock.lock();
        try {
            requireAll();
            long round = rounds;
            calls[rank] = call;
            given[rank] = mine;
            arrived++;
            if (arrived == size) {
                requireSame();
                taken = new ArrayList<>(Arrays.asList(given));
                rounds++;
                begin();
                over.signalAll();
                return taken;
            }
            while (rounds == round) {
                requireAll();
                over.awaitUninterruptibly();
            }
            // The next round cannot be over before this rank has come to it.
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void requireAll() {
        if (failure != null) {
            throw new CollectiveException(failure);
        }
    }

    private void requireSame() {
        for (int i = 1; i < size; i++) {
            if (!calls[i].equals(calls[0])) {
                fail("worker " + i + ": makes another call than worker 0: expected " + calls[0] + ", got " + calls[i]);
                requireAll();
            }
        }
    }

    /** Makes all calls fail, those that wait and later ones; the first reason stays. */
    void fail(String reason) {
        lock.lock();
        try {
            failure = failure == null ? reason : failure;
            over.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
