package org.gatefold.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.gatefold.layer.GradientProgress;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.CollectiveException;
import org.gatefold.train.parallel.Stretch;
import org.gatefold.train.parallel.Wire;

/**
 * Sums of gradients over all workers that go through the host part by part, those of the last parameters first, each as soon as the
 * backward pass has finished with it: while a part is on its way, gradients of lower layers are computed. Parts follow from the parameters
 * and the number of workers alone, so that sums have the same bits whenever a part is sent.
 *
 * <p>Owns room for one set of gradients and a thread, which alone talks to the other workers between {@link #begin} and the end of {@link
 * #finish}. All else in one thread.
 */
final class PartwiseSum implements GradientProgress, AutoCloseable {
    /**
     * The least numbers of a part for each worker. A sum passes every worker twice, so that with more of them a part has to be longer to be
     * worth its way.
     */
    private static final int NUMBERS_A_WORKER = 64 << 10;

    private final Collective workers;
    private final ParameterStore parameters;
    private final Wire wire;
    private final ExecutorService thread;
    private final List<float[]> rooms = new ArrayList<>();
    private final Queue<Part> waiting = new ArrayDeque<>();
    private final List<Part> sent = new ArrayList<>();
    private float factor;

    PartwiseSum(Collective workers, ParameterStore parameters, Wire wire) {
        this.workers = workers;
        this.parameters = parameters;
        this.wire = wire;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "gradients of worker " + workers.rank());
            made.setDaemon(true);
            return made;
        });
    }

    /** Some parameters, one behind the other, without those that are frozen. */
    private final class Part {
        private final long from;
        private final List<Stretch> stretches;
        private final int count;
        private float[] room;
        private Future<?> sum;

        Part(List<Parameter> of) {
            from = of.get(0).offset();
            stretches = trained(of);
            count = stretches.stream().mapToInt(Stretch::count).sum();
        }

        /** Sends it from room that was lent, or from larger room, which is returned. */
        float[] send(float[] lent) {
            room = lent.length < count ? new float[count] : lent;
            Tensor gradients = parameters.gradients();
            int at = 0;
            for (Stretch stretch : stretches) {
                gradients.read(stretch.from(), room, at, stretch.count());
                at += stretch.count();
            }
            for (int i = 0; i < count; i++) {
                room[i] *= factor;
            }
            sum = thread.submit(() -> workers.allReduce(room, count, wire));
            return room;
        }

        void receive() {
            await(sum);
            int at = 0;
            for (Stretch stretch : stretches) {
                parameters.gradients().write(stretch.from(), room, at, stretch.count());
                at += stretch.count();
            }
        }
    }

    /**
     * Begins the sum of an update's gradients, before its last backward pass.
     *
     * @param newFactor that those of this worker are multiplied with before
     */
    void begin(float newFactor) {
        factor = newFactor;
        waiting.clear();
        sent.clear();
        List<Parameter> some = new ArrayList<>();
        List<Parameter> list = parameters.list();
        long numbers = 0;
        for (int i = list.size() - 1; i >= 0; i--) {
            some.add(list.get(i));
            numbers += list.get(i).isFrozen() ? 0 : list.get(i).shape().elements();
            if (i == 0 || numbers >= (long) NUMBERS_A_WORKER * workers.size()) {
                Collections.reverse(some);
                waiting.add(new Part(some));
                some.clear();
                numbers = 0;
            }
        }
    }

    @Override
    public void finishedFrom(long offset) {
        while (!waiting.isEmpty() && waiting.peek().from >= offset) {
            Part next = waiting.remove();
            if (rooms.size() == sent.size()) {
                rooms.add(new float[0]);
            }
            rooms.set(sent.size(), next.send(rooms.get(sent.size())));
            sent.add(next);
        }
    }

    /** Sends what is left and puts the sums in the place of the gradients. */
    void finish() {
        finishedFrom(0);
        sent.forEach(Part::receive);
        sent.clear();
    }

    private static void await(Future<?> sum) {
        try {
            sum.get();
        } catch (InterruptedException e) {
            sum.cancel(true);
            Thread.currentThread().interrupt();
            throw new CollectiveException("interrupted while gradients were summed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CollectiveException failure) {
                throw new CollectiveException(failure.getMessage(), failure);
            }
            throw new IllegalStateException("gradients were not summed: " + e.getCause(), e.getCause());
        }
    }

    /** Ends when the sums that are on their way have ended or failed. */
    @Override
    public void close() {
        thread.shutdown();
        for (Part part : sent) {
            try {
                await(part.sum);
            } catch (CollectiveException | IllegalStateException e) {
                // Whoever closes before the end knows already that something has failed: the last one to wait for.
                break;
            }
        }
    }

    /** Every stretch of some parameters, one behind the other, that is trained. */
    static List<Stretch> trained(List<Parameter> parameters) {
        List<Stretch> stretches = new ArrayList<>();
        int from = 0;
        int to = 0;
        for (Parameter parameter : parameters) {
            if (parameter.isFrozen()) {
                continue;
            }
            int first = Math.toIntExact(parameter.offset());
            if (first - to >= ParameterStore.ALIGNMENT || from == to) {
                add(stretches, from, to);
                from = first;
            }
            to = first + Math.toIntExact(parameter.shape().elements());
        }
        add(stretches, from, to);
        return stretches;
    }

    private static void add(List<Stretch> stretches, int from, int to) {
        if (from < to) {
            stretches.add(new Stretch(from, to - from));
        }
    }
}
