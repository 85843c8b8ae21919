package org.gatefold.benchmarks.runner.measure;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures how long a cache line takes from one core to another and back: on virtual machines it depends on where the
 * host has put the cores, and two-thread runs of tiny shapes follow it. Stateless.
 */
final class PingPong {
    private static final int ROUNDS = 21;
    private static final int TRIPS = 20_000;

    private PingPong() {}

    static double medianRoundTripNanos() {
        AtomicInteger ball = new AtomicInteger();
        Thread partner = new Thread(() -> {
            for (int trip = 0; trip < ROUNDS * TRIPS; trip++) {
                await(ball, 2 * trip + 1);
                ball.set(2 * trip + 2);
            }
        });
        partner.setDaemon(true);
        partner.start();
        long[] nanos = new long[ROUNDS];
        int trip = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < TRIPS; i++, trip++) {
                ball.set(2 * trip + 1);
                await(ball, 2 * trip + 2);
            }
            nanos[round] = System.nanoTime() - start;
        }
        return new Distribution(nanos).median() / TRIPS;
    }

    private static void await(AtomicInteger ball, int value) {
        int spins = 0;
        while (ball.get() != value) {
            // On a busy machine the partner may have no core: leave it ours.
            if (++spins > 20_000) {
                LockSupport.parkNanos(1);
            }
        }
    }
}
