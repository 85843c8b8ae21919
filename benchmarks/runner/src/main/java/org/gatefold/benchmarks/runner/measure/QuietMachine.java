package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.util.List;

/** Waits until nobody else uses the machine. Stateless. */
public final class QuietMachine {
    private static final double QUIET_PERCENT = 5;
    private static final int QUIET_SECONDS = 3;

    private QuietMachine() {}

    /** Waits for a few quiet seconds in a row, but not longer than asked, and says in words how it ended. */
    public static String await(int longestSeconds, Progress progress) throws IOException, InterruptedException {
        int quiet = 0;
        double others = Double.NaN;
        for (int second = 0; second < longestSeconds; second++) {
            ProcessorUse use = new ProcessorUse(List.of());
            Thread.sleep(1000);
            others = use.othersPercent();
            quiet = others < QUIET_PERCENT ? quiet + 1 : 0;
            if (quiet == QUIET_SECONDS) {
                return "quiet after " + (second + 1) + " s";
            }
            progress.say(String.format("waiting for a quiet machine: others use %.0f %%", others));
        }
        return longestSeconds == 0
                ? "not waited for"
                : String.format("NOT QUIET after %d s: others use %.0f %%", longestSeconds, others);
    }
}
