package org.gatefold.train.parallel;

import java.util.List;

/** A tensor of every worker that sums are made of where it lies. One thread at a time. */
public interface DeviceSum {
    /**
     * Puts sums over all workers in the place of stretches of the tensor; as {@link Collective#allReduce} for order and errors.
     *
     * @param stretches the same in every worker
     * @param factor that this worker's numbers are multiplied with before
     */
    void sum(List<Stretch> stretches, float factor);
}
