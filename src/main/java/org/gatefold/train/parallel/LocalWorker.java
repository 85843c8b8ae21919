package org.gatefold.train.parallel;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/**
 * One of several workers in one process, each a thread of its own. What they tell each other goes from hand to hand, and tensors of
 * devices that reach each other are summed there. A place's numbers are added in the order of the workers.
 *
 * <p>When a worker gives up or closes, all others learn it in their next call. One thread at a time, but for {@link #close}.
 */
public final class LocalWorker implements Collective {
    private final Meeting meeting;
    private final int rank;

    private LocalWorker(Meeting meeting, int rank) {
        this.meeting = meeting;
        this.rank = rank;
    }

    /** Workers that make up one group. */
    public static List<LocalWorker> group(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: expected at least 1, got " + size);
        }
        Meeting meeting = new Meeting(size);
        return IntStream.range(0, size)
                .mapToObj(rank -> new LocalWorker(meeting, rank))
                .toList();
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return meeting.size();
    }

    @Override
    public void allReduce(float[] values, int count, Wire wire) {
        if (count < 0 || count > values.length) {
            throw new IllegalArgumentException("count: expected 0 to " + values.length + ", got " + count);
        }
        String call = "a sum of " + count + " numbers as " + wire;
        for (int i = 0; i < count && wire != Wire.F32; i++) {
            values[i] = wire.rounded(values[i]);
        }
        List<float[]> all = meet(call, values).stream().map(float[].class::cast).toList();
        Stretch whole = new Stretch(0, count);
        for (int i = first(whole, rank); i < first(whole, rank + 1); i++) {
            float sum = all.get(0)[i];
            for (int worker = 1; worker < size(); worker++) {
                sum += all.get(worker)[i];
            }
            values[i] = wire.rounded(sum);
        }
        meet(call, values);
        for (int worker = 0; worker < size(); worker++) {
            int from = first(whole, worker);
            if (worker != rank) {
                System.arraycopy(all.get(worker), from, values, from, first(whole, worker + 1) - from);
            }
        }
        meet(call, values);
    }

    private int first(Stretch stretch, int worker) {
        return stretch.first(worker, size());
    }

    @Override
    public Optional<DeviceSum> onDevice(Device device, Scope scope, Tensor tensor) {
        return Optional.of(new PeerSum(this, device, scope, tensor));
    }

    /** Waits for all, and learns what each has given. */
    List<Object> meet(String call, Object mine) {
        return meeting.exchange(rank, call, mine);
    }

    @Override
    public List<byte[]> allGather(byte[] mine) {
        // Others may change what they gave as soon as they have all.
        return meet("words", mine.clone()).stream().map(byte[].class::cast).toList();
    }

    @Override
    public void abort(String reason) {
        meeting.fail(reason);
    }

    @Override
    public void close() {
        meeting.fail("worker " + rank + " is closed");
    }
}
