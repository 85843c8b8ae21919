package org.gatefold.benchmarks.contract;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * One implementation of recurrent layers, called as its user would call it. Implementations have a public constructor without
 * arguments, or one with a {@link Placement}; they are used by one thread, and live in a process of their own.
 */
public interface Contestant {
    /** Makes one by the name of its class; {@code placement} is as {@link Placement#parse} reads it, or empty. */
    static Contestant create(String className, String placement) throws ReflectiveOperationException {
        Class<? extends Contestant> type = Class.forName(className).asSubclass(Contestant.class);
        return placement.isEmpty()
                ? type.getConstructor().newInstance()
                : type.getConstructor(Placement.class).newInstance(Placement.parse(placement));
    }

    /** The version of the library as it reports it itself. */
    String version();

    /** The cells that are offered at all. */
    default Set<Cell> cells() {
        return EnumSet.of(Cell.LSTM);
    }

    /** Why a combination with one of {@link #cells} is not offered by this implementation, or empty if it is. */
    Optional<String> declines(LayerShape shape, Pass pass);

    /** Why the combination is not offered, or empty if it is. */
    default Optional<String> refuses(LayerShape shape, Pass pass) {
        return cells().contains(shape.cell()) ? declines(shape, pass) : Optional.of("offers no " + shape.cell());
    }

    /**
     * Creates everything that is made once and not per iteration: weights, inputs, plans, optimiser state.
     *
     * @param threads how many threads the implementation shall use
     */
    PreparedPass prepare(Workload workload, Pass pass, int threads);
}
