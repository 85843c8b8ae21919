package org.gatefold.train.parallel;

/**
 * How gradients are made smaller before workers tell them each other. All give every worker the same sums, bit for bit.
 *
 * @param wire as what numbers of a sum go from worker to worker
 * @param fraction of the numbers of a worker's gradients that it tells in an update, the largest ones, above 0; 1 for all of them
 */
public record Compression(Wire wire, double fraction) {
    private static final String TOP = "top:";

    /** Gradients as they are. */
    public static final Compression NONE = new Compression(Wire.F32, 1);

    /** Every number in bfloat16, partial sums too: half the bytes. */
    public static final Compression BF16 = new Compression(Wire.BF16, 1);

    public Compression {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction: expected a number above 0 and at most 1, got " + fraction);
        }
        if (fraction < 1 && wire != Wire.F32) {
            throw new IllegalArgumentException("wire: expected F32 for a part of the numbers, got " + wire);
        }
    }

    /**
     * The largest numbers alone, with their places. What a worker leaves out it adds to its gradients of the next update (Stich et al. 2018,
     * "Sparsified SGD with Memory"), so that nothing is lost, but told later. Each worker tells all others its numbers, 8 bytes each.
     */
    public static Compression top(double fraction) {
        return new Compression(Wire.F32, fraction);
    }

    /**
     * By name: {@code none}, {@code bf16}, or {@code top:F} with the fraction F.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Compression of(String name) {
        if (name.equals("none")) {
            return NONE;
        }
        if (name.equals("bf16")) {
            return BF16;
        }
        try {
            if (name.startsWith(TOP)) {
                return top(Double.parseDouble(name.substring(TOP.length())));
            }
        } catch (NumberFormatException e) {
            // It is told below what was expected.
        }
        throw new IllegalArgumentException(
                "compression: expected none, bf16 or top:F, as in top:0.01, got '" + name + "'");
    }

    /** Whether a worker leaves out numbers, and remembers them. */
    public boolean remembers() {
        return fraction < 1;
    }

    /** The name that {@link #of} takes. */
    @Override
    public String toString() {
        if (remembers()) {
            return TOP + fraction;
        }
        return wire == Wire.BF16 ? "bf16" : "none";
    }
}
