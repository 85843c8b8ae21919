package org.gatefold.benchmarks.operations;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.benchmarks.operations.Measured.Times;

/** Times sides in turns. */
final class Turns {
    private static final double TURN_MS = 8;
    private static final double WARM_UP_MS = 250;
    private static final int MOST_REPEATS = 2000;

    private final int threads;
    private final int rounds;

    Turns(int threads, int rounds) {
        this.threads = threads;
        this.rounds = rounds;
    }

    /** Of each side, the milliseconds of a pass in every round. */
    List<Times> of(Pass pass, List<Side> sides) {
        List<Times> times = new ArrayList<>();
        int[] repeats = new int[sides.size()];
        for (int i = 0; i < sides.size(); i++) {
            repeats[i] = warmUp(pass, sides.get(i));
            times.add(new Times(new ArrayList<>()));
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < sides.size(); i++) {
                sides.get(i).run(pass); // what the others left in the caches is not this one's
                times.get(i).rounds().add(timed(pass, sides.get(i), repeats[i]));
            }
        }
        return times;
    }

    /** How often a turn repeats the pass. */
    private int warmUp(Pass pass, Side side) {
        double spent = 0;
        double last = 0;
        int passes = 0;
        while (spent < WARM_UP_MS && passes < MOST_REPEATS) {
            last = timed(pass, side, 1);
            spent += last;
            passes++;
        }
        return (int) Math.max(1, Math.min(MOST_REPEATS, TURN_MS / last));
    }

    /** Milliseconds of a pass: of one thread those of the processor, which other work on the machine changes less than the clock's. */
    private double timed(Pass pass, Side side, int repeats) {
        ThreadMXBean processor = ManagementFactory.getThreadMXBean();
        long start = threads == 1 ? processor.getCurrentThreadCpuTime() : System.nanoTime();
        for (int i = 0; i < repeats; i++) {
            side.run(pass);
        }
        long end = threads == 1 ? processor.getCurrentThreadCpuTime() : System.nanoTime();
        return (end - start) / 1e6 / repeats;
    }
}
