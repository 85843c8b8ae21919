package org.gatefold.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/** The predictors that a model keeps, made when threads first predict at the same time. Thread-safe. */
final class PredictorPool {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private final Deque<Predictor> idle = new ArrayDeque<>();
    private final Supplier<Predictor> maker;
    private int room;

    /**
     * @param most predictors; further threads wait
     * @param maker of one; whoever gave it closes what it makes
     */
    PredictorPool(int most, Supplier<Predictor> maker) {
        this.room = most;
        this.maker = maker;
    }

    /** Runs a call on a predictor that no other thread uses meanwhile. */
    <R> R run(Function<Predictor, R> call) {
        Predictor predictor = take();
        try {
            return call.apply(predictor);
        } finally {
            give(predictor);
        }
    }

    private void give(Predictor predictor) {
        lock.lock();
        try {
            idle.push(predictor);
            returned.signal();
        } finally {
            lock.unlock();
        }
    }

    private Predictor take() {
        lock.lock();
        try {
            while (idle.isEmpty()) {
                if (room > 0) {
                    Predictor made = maker.get();
                    room--;
                    return made;
                }
                returned.awaitUninterruptibly();
            }
            return idle.pop();
        } finally {
            lock.unlock();
        }
    }
}
