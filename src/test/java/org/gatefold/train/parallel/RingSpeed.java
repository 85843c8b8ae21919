package org.gatefold.train.parallel;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints what a sum over a ring of threads of one machine takes, as it is and encrypted, in turns: the shortest of many. Argument: rounds, 1
 * by default.
 */
public final class RingSpeed {
    private RingSpeed() {}

    private static final int[] COUNTS = {1, 100_000, 1_000_000, 10_000_000};

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        for (int size : new int[] {2, 4}) {
            double[] open = new double[COUNTS.length];
            double[] encrypted = new double[COUNTS.length];
            Arrays.fill(open, Double.MAX_VALUE);
            Arrays.fill(encrypted, Double.MAX_VALUE);
            for (int round = 0; round < rounds; round++) {
                measure(size, false, open);
                measure(size, true, encrypted);
            }
            for (int i = 0; i < COUNTS.length; i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%d workers, %,d numbers: %.3f ms, encrypted %.3f ms%n",
                        size,
                        COUNTS[i],
                        open[i],
                        encrypted[i]);
            }
        }
    }

    private static void measure(int size, boolean encrypted, double... best) throws Exception {
        Workers.results(Workers.outcomes(size, Duration.ofSeconds(60), encrypted, workers -> {
            for (int i = 0; i < COUNTS.length; i++) {
                double millis = shortest(workers, new float[COUNTS[i]], COUNTS[i] > 1_000_000 ? 30 : 300);
                if (workers.rank() == 0) {
                    best[i] = Math.min(best[i], millis);
                }
            }
            return null;
        }));
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
