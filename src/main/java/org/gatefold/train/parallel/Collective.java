package org.gatefold.train.parallel;

import java.util.List;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/**
 * What workers that train one model together tell each other. All of them make the same calls in the same order; each call ends when
 * all have made it, or fails in all of them.
 *
 * <p>Made by whoever starts the workers, and closed by them. One thread at a time, but for {@link #close}, which breaks off a call in
 * progress.
 */
public interface Collective extends AutoCloseable {
    /** The number of this worker, from 0. */
    int rank();

    /** How many workers there are. */
    int size();

    /**
     * Puts sums over all workers in the place of numbers. The order of a sum depends on the number of workers and the place alone, so that
     * the same numbers give the same bits, in every worker and run after run.
     *
     * @param values of which the first {@code count} are summed
     * @param count the same in every worker
     * @throws CollectiveException if a worker is gone, calls something else, or has given up
     */
    default void allReduce(float[] values, int count) {
        allReduce(values, count, Wire.F32);
    }

    /**
     * As {@link #allReduce(float[], int)}, for numbers and partial sums that are rounded where they go from worker to worker. The sums are
     * rounded too.
     *
     * @param wire the same in every worker
     */
    void allReduce(float[] values, int count, Wire wire);

    /**
     * A way to sum tensors that does not go through the memory of the host, for workers whose devices reach each other.
     *
     * @param scope owns what room it takes, on the device of the tensor
     * @param tensor {@code [N]}, of as many elements in every worker
     * @return empty if there is none
     */
    default Optional<DeviceSum> onDevice(Device device, Scope scope, Tensor tensor) {
        return Optional.empty();
    }

    /**
     * Tells everybody something short.
     *
     * @return what each worker told, in the order of their numbers
     * @throws CollectiveException as {@link #allReduce}
     */
    List<byte[]> allGather(byte[] mine);

    /**
     * Waits until every worker has come here.
     *
     * @throws CollectiveException as {@link #allReduce}
     */
    default void barrier() {
        allGather(new byte[0]);
    }

    /**
     * Gives up: the calls of all others, those in progress and later ones, fail with this reason. Does nothing if this worker has
     * failed already.
     */
    void abort(String reason);

    /** Frees what this holds. Others that still wait for this worker fail. */
    @Override
    void close();
}
