package org.gatefold.train.parallel;

import java.util.Locale;

/** Prints what a sum over a ring of threads of one machine takes: the shortest of many. */
public final class RingSpeed {
    private RingSpeed() {}

    public static void main(String[] arguments) throws Exception {
        for (int size : new int[] {2, 4}) {
            Workers.run(size, workers -> {
                for (int count : new int[] {1, 100_000, 1_000_000, 10_000_000}) {
                    double millis = shortest(workers, new float[count], count > 1_000_000 ? 30 : 300);
                    if (workers.rank() == 0) {
                        System.out.printf(Locale.ROOT, "%d workers, %,d numbers: %.3f ms%n", size, count, millis);
                    }
                }
                return null;
            });
        }
    }

    private static double shortest(Collective workers, float[] values, int times) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            workers.barrier();
            long start = System.nanoTime();
            workers.allReduce(values, values.length);
            best = Math.min(best, System.nanoTime() - start);
        }
        return best / 1e6;
    }
}
