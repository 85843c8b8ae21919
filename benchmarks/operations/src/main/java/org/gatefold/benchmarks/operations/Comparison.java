package org.gatefold.benchmarks.operations;

import java.util.Map;

/** Whether two sides compute the same. Stateless. */
final class Comparison {
    private static final double MOST_ERROR = 1e-4;
    private static final double MOST_SHARE = 0.01;
    /** Of the largest tensor's: what is smaller, as the gradient of a bias that has no effect, is made of rounding. */
    private static final double LEAST_SQUARE = 1e-6;

    private Comparison() {}

    /**
     * By the Euclidean norm of each tensor: sums that nearly cancel differ in single elements by rounding.
     *
     * @return the largest difference of a tensor in relation to its norm
     * @throws IllegalStateException if that is above 1e-4 or a tensor is missing
     */
    static double same(String what, Map<String, float[]> ours, Map<String, float[]> theirs) {
        if (!ours.keySet().equals(theirs.keySet())) {
            throw new IllegalStateException(what + ": expected tensors " + ours.keySet() + ", got " + theirs.keySet());
        }
        double most = 0;
        double largest = theirs.values().stream()
                .mapToDouble(Comparison::meanSquare)
                .max()
                .orElse(0);
        for (String name : ours.keySet()) {
            double error = error(what + ": " + name, ours.get(name), theirs.get(name), LEAST_SQUARE * largest);
            if (!(error <= MOST_ERROR)) {
                throw new IllegalStateException(
                        what + ": expected " + name + " within " + MOST_ERROR + " of its norm, got " + error);
            }
            most = Math.max(most, error);
        }
        return most;
    }

    private static double error(String what, float[] ours, float[] theirs, double least) {
        requireSameSize(what, ours, theirs);
        double squares = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = (double) ours[i] - theirs[i];
            squares += difference * difference;
        }
        return Math.sqrt(squares / ours.length / Math.max(meanSquare(theirs), least));
    }

    private static double meanSquare(float... values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum / values.length;
    }

    private static void requireSameSize(String what, float[] ours, float[] theirs) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException(what + ": expected " + ours.length + " numbers, got " + theirs.length);
        }
    }

    /** Where masks differ: what neither drops is the same, and each drops the share that it should, within a hundredth. */
    static double dropped(String what, double share, Map<String, float[]> ours, Map<String, float[]> theirs) {
        float[] own = ours.get("y");
        float[] other = theirs.get("y");
        requireSameSize(what, own, other);
        int[] zeros = new int[2];
        double squares = 0;
        double scale = 0;
        for (int i = 0; i < own.length; i++) {
            zeros[0] += own[i] == 0 ? 1 : 0;
            zeros[1] += other[i] == 0 ? 1 : 0;
            double difference = own[i] == 0 || other[i] == 0 ? 0 : (double) own[i] - other[i];
            squares += difference * difference;
            scale += (double) other[i] * other[i];
        }
        for (int count : zeros) {
            double got = (double) count / own.length;
            if (Math.abs(got - share) > MOST_SHARE) {
                throw new IllegalStateException(what + ": expected about " + share + " dropped, got " + got);
            }
        }
        double error = Math.sqrt(squares / scale);
        if (!(error <= MOST_ERROR)) {
            throw new IllegalStateException(
                    what + ": expected what is kept within " + MOST_ERROR + " of its norm, got " + error);
        }
        return error;
    }
}
