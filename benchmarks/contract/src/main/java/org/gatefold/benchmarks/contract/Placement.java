package org.gatefold.benchmarks.contract;

/**
 * Where and how a contestant that has several implementations computes. Immutable.
 *
 * @param device as Gatefold names it, such as {@code cpu} or {@code cuda:0}
 * @param implementation by its name, such as {@code cuda.fused}; empty for the contestant's own choice
 * @param precision of the products
 */
public record Placement(String device, String implementation, Precision precision) {
    /** How operands of products are rounded; sums are in binary32. */
    public enum Precision {
        F32(4),
        /** Operands stand as F32 and are rounded by tensor cores. */
        TF32(4),
        F16(2),
        BF16(2);

        private final int bytes;

        Precision(int bytes) {
            this.bytes = bytes;
        }

        /** Of an operand, as it stands in memory. */
        public int bytes() {
            return bytes;
        }
    }

    /** Reads what {@link #toString} writes, for instance {@code cuda:0/cuda.fused/F16}. */
    public static Placement parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("placement must look like DEVICE/IMPLEMENTATION/PRECISION, got " + text);
        }
        return new Placement(parts[0], parts[1], Precision.valueOf(parts[2]));
    }

    @Override
    public String toString() {
        return device + "/" + implementation + "/" + precision;
    }
}
