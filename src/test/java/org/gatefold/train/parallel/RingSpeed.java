package org.gatefold.train.parallel;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints what a sum over a ring of threads of one machine takes, as it is and encrypted, in turns: the shortest of many, by the clock and in
 * time that the first worker's thread had a core, which other work on the machine lengthens less. Argument: rounds, 1 by default.
 */
public final class RingSpeed {
    private static final int[] COUNTS = {1, 100_000, 1_000_000, 10_000_000};
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private RingSpeed() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        for (int size : new int[] {2, 4}) {
            WorkerSpeed.Time[] open = longest();
            WorkerSpeed.Time[] encrypted = longest();
            for (int round = 0; round < rounds; round++) {
                measure(size, false, open);
                measure(size, true, encrypted);
            }
            for (int i = 0; i < COUNTS.length; i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%d workers, %,d numbers: %.3f ms (%.3f ms of a core), encrypted %.3f ms (%.3f ms)%n",
                        size,
                        COUNTS[i],
                        open[i].clock(),
                        open[i].core(),
                        encrypted[i].clock(),
                        encrypted[i].core());
            }
        }
    }

    private static WorkerSpeed.Time[] longest() {
        WorkerSpeed.Time[] longest = new WorkerSpeed.Time[COUNTS.length];
        Arrays.fill(longest, WorkerSpeed.Time.LONGEST);
        return longest;
    }

    private static void measure(int size, boolean encrypted, WorkerSpeed.Time... best) throws Exception {
        Workers.results(Workers.outcomes(size, Duration.ofSeconds(60), encrypted, workers -> {
            for (int i = 0; i < COUNTS.length; i++) {
                WorkerSpeed.Time found = shortest(workers, new float[COUNTS[i]], COUNTS[i] > 1_000_000 ? 30 : 300);
                if (workers.rank() == 0) {
                    best[i] = best[i].shorter(found);
                }
            }
            return null;
        }));
    }

    private static WorkerSpeed.Time shortest(Collective workers, float[] values, int times) {
        WorkerSpeed.Time best = WorkerSpeed.Time.LONGEST;
        for (int i = 0; i < times; i++) {
            workers.barrier();
            long start = System.nanoTime();
            long core = THREADS.getCurrentThreadCpuTime();
            workers.allReduce(values, values.length);
            best = best.shorter(new WorkerSpeed.Time(
                    (System.nanoTime() - start) / 1e6, (THREADS.getCurrentThreadCpuTime() - core) / 1e6));
        }
        return best;
    }
}
