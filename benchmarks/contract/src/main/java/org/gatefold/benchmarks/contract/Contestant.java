package org.gatefold.benchmarks.contract;

import java.util.Optional;

/**
 * One implementation of the LSTM, called as its user would call it. Implementations have a public constructor without
 * arguments, are used by one thread, and live in a process of their own.
 */
public interface Contestant {
    /** The version of the library as it reports it itself. */
    String version();

    /** Why the combination is not offered by this implementation, or empty if it is. */
    Optional<String> declines(LstmShape shape, Pass pass);

    /**
     * Creates everything that is made once and not per iteration: weights, inputs, plans, optimiser state.
     *
     * @param threads how many threads the implementation shall use
     */
    PreparedPass prepare(Workload workload, Pass pass, int threads);
}
