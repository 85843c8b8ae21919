package org.gatefold.op;

/**
 * Memory of a plan in bytes.
 *
 * @param plan held as long as the plan: packed weights and workspace
 * @param reserve held from a training forward pass to its backward pass
 */
public record Footprint(long plan, long reserve) {
    public Footprint plus(Footprint other) {
        return new Footprint(plan + other.plan, reserve + other.reserve);
    }
}
