package org.gatefold.benchmarks.models;

/** A model in training by one system. Owns its memory until closed; for one thread. */
interface ModelTraining extends AutoCloseable {
    /** Trains on each batch of the data once: the mean of the losses before the updates. */
    double epoch();

    @Override
    void close();
}
