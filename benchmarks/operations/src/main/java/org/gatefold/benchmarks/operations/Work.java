package org.gatefold.benchmarks.operations;

/**
 * What a pass must do at least, for a rate beside its time.
 *
 * @param unit of the rate: {@code GB/s} of memory read and written, {@code GFLOP/s} of products, or empty for none
 * @param forward in billions
 * @param training in billions
 */
record Work(String unit, double forward, double training) {
    static final Work UNTOLD = new Work("", 0, 0);
    private static final double GIGA = 1e9;

    /** Numbers of four bytes read or written. */
    static Work memory(double forward, double training) {
        return new Work("GB/s", forward * Float.BYTES / GIGA, training * Float.BYTES / GIGA);
    }

    /** Multiply-adds of the forward pass; backward has twice as many. */
    static Work products(double count) {
        return new Work("GFLOP/s", 2 * count / GIGA, 6 * count / GIGA);
    }

    /** The same where the input wants no gradient. */
    static Work firstProducts(double count) {
        return new Work("GFLOP/s", 2 * count / GIGA, 4 * count / GIGA);
    }

    boolean ofMemory() {
        return "GB/s".equals(unit);
    }

    double of(Pass pass) {
        return pass == Pass.FORWARD ? forward : training;
    }
}
