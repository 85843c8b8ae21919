package org.gatefold.benchmarks.operations;

import java.util.List;
import java.util.function.IntFunction;

/**
 * A row of the table: an operation at a shape, and how each side is made for a number of threads.
 *
 * @param passes that it has
 * @param dropped share of elements that both sides drop by masks of their own; 0: both compute the same
 * @param gatefold of as many threads as given
 * @param peers forms of the same in libtorch, of which the fastest counts; none where it has no such operation
 */
record Row(String name, List<Pass> passes, Work work, double dropped, IntFunction<Side> gatefold, List<Peer> peers) {

    /** A form of the operation in libtorch, made from what Gatefold's side starts with. */
    record Peer(String name, Making making) {}

    /** Makes libtorch's side after Gatefold's. */
    interface Making {
        Side of(Side gatefold);
    }
}
