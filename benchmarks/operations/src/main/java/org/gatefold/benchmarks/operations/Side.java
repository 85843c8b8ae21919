package org.gatefold.benchmarks.operations;

import java.util.Map;

/** One contestant's form of an operation, prepared. For one thread; owns its tensors. */
interface Side extends AutoCloseable {
    /** Runs one pass. */
    void run(Pass pass);

    /** Runs one pass and gives what it made, by name: {@code y}, and of training {@code dx} and {@code d} with the name of a weight. */
    Map<String, float[]> values(Pass pass);

    @Override
    void close();
}
