package org.gatefold.op.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.device.Trials;

/**
 * What a check of an implementation against an oracle found.
 *
 * @param error the largest relative error of a result, {@code ||actual - expected|| / ||expected||} in the Euclidean norm;
 *     infinite where one has a NaN or an infinity and the other does not
 * @param limit the error that is allowed
 * @param worst the result with that error; empty if there is none
 * @param unrepeated a result that differed, in some bit, between runs on the same arguments; empty if there is none
 * @param beside what was written beside a result; empty if nothing was
 */
public record Verification(double error, double limit, String worst, String unrepeated, String beside) {
    /**
     * Runs of the subject. CUDA implementations submit a pass directly the first time, record it the second and replay it
     * from then on; all of these must give the same bits.
     */
    private static final int RUNS = 3;

    /**
     * Runs the check on the subject repeatedly.
     *
     * @param expected the right results, by name
     * @see Oracle#results
     */
    public static <O extends Operation> Verification of(
            Device device, O subject, Check<O> check, Map<String, float[]> expected, double limit) {
        return Trials.on(device, () -> {
            try (Scope scope = device.openScope("verification")) {
                Workbench bench = new Workbench(scope);
                Runnable calls = check.prepare(subject, bench);
                return compare(bench, calls, expected, limit);
            }
        });
    }

    private static Verification compare(Workbench bench, Runnable calls, Map<String, float[]> expected, double limit) {
        Map<String, float[]> first = null;
        String unrepeated = "";
        for (int run = 0; run < RUNS; run++) {
            bench.reset();
            calls.run();
            Map<String, float[]> results;
            try {
                results = bench.results();
            } catch (IllegalStateException e) {
                return new Verification(Double.POSITIVE_INFINITY, limit, "", "", e.getMessage());
            }
            first = first == null ? results : first;
            unrepeated = unrepeated.isEmpty() ? difference(first, results) : unrepeated;
        }
        double error = 0;
        String worst = "";
        for (Map.Entry<String, float[]> result : expected.entrySet()) {
            double here = relativeError(first.get(result.getKey()), result.getValue());
            if (here > error) {
                error = here;
                worst = result.getKey();
            }
        }
        return new Verification(error, limit, worst, unrepeated, "");
    }

    /** The first result in which two runs differ; empty if there is none. */
    private static String difference(Map<String, float[]> one, Map<String, float[]> other) {
        return one.entrySet().stream()
                .filter(entry -> !Arrays.equals(entry.getValue(), other.get(entry.getKey())))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("");
    }

    static double relativeError(float[] actual, float[] expected) {
        double squares = 0;
        double scale = 0;
        for (int i = 0; i < expected.length; i++) {
            if (!Float.isFinite(expected[i]) || !Float.isFinite(actual[i])) {
                if (Float.compare(expected[i], actual[i]) != 0) {
                    return Double.POSITIVE_INFINITY;
                }
                continue;
            }
            double difference = (double) actual[i] - expected[i];
            squares += difference * difference;
            scale += (double) expected[i] * expected[i];
        }
        return squares == 0 ? 0 : Math.sqrt(squares / scale);
    }

    /** True if every result is within the limit, the same in every run, and nothing else was written. */
    public boolean passed() {
        return error <= limit && unrepeated.isEmpty() && beside.isEmpty();
    }

    /** What is wrong, in words; empty if nothing is. */
    public String failure() {
        if (!beside.isEmpty()) {
            return beside;
        }
        if (!(error <= limit)) {
            return String.format(Locale.ROOT, "error of %s %.2g, limit %.2g", worst, error, limit);
        }
        return unrepeated.isEmpty() ? "" : unrepeated + " differs between runs on the same arguments";
    }
}
