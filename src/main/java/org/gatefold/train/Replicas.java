package org.gatefold.train;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.gatefold.device.Scope;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.CollectiveException;

/**
 * The other models that a run trains together with its own: what is exchanged with them, and that they agree. All workers call the same
 * in the same order. Owns host memory for one set of weights. One thread.
 */
final class Replicas {
    /** Keeps the seeds of workers apart from other seeds derived from that of the run: "work". */
    private static final long WORKER = 0x776F726BL;

    private final Collective workers;
    private final int averagingUpdates;
    private final ParameterStore parameters;
    private float[] room = {};
    private boolean asksToStop;
    private boolean mayStop;
    private boolean stopAsked;
    private boolean stops;

    /**
     * What counts in a mean.
     *
     * @param weight of the rows or steps that it is over
     * @param sum of what it is of, each by its weight
     */
    record Share(double weight, double sum) {
        double mean() {
            return weight > 0 ? sum / weight : 0;
        }
    }

    private Replicas(Collective workers, int averagingUpdates, ParameterStore parameters) {
        this.workers = workers;
        this.averagingUpdates = averagingUpdates;
        this.parameters = parameters;
    }

    /** Those of a trainer; null if it trains alone. */
    static Replicas of(Trainer trainer) {
        return trainer.workers == null || trainer.workers.size() == 1
                ? null
                : new Replicas(trainer.workers, trainer.averagingUpdates, trainer.model.parameters());
    }

    /** The number of this one. */
    int rank() {
        return workers.rank();
    }

    /** Whether this is the one that validates and saves. */
    boolean first() {
        return workers.rank() == 0;
    }

    /** Whether each makes updates by itself, and weights are averaged now and then. */
    boolean averages() {
        return averagingUpdates > 0;
    }

    /** Whether so many updates of an epoch are to be followed by an average. */
    boolean averagesAfter(int updates) {
        return averages() && updates % averagingUpdates == 0;
    }

    /** The seed of this replica's dropout masks, of which no two have the same. */
    long ownSeed(long seed) {
        return first() ? seed : Philox.derive(seed, workers.rank(), WORKER);
    }

    /**
     * Checks that all are to do the same.
     *
     * @param settings by what they are called in messages
     * @param batches what each trains on, in words
     * @return what all train on, in words
     */
    String agree(Map<String, String> settings, String batches) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("batches", batches);
        List<Map<String, String>> told =
                workers.allGather(texts(all)).stream().map(Replicas::texts).toList();
        StringBuilder joined = new StringBuilder("workers=" + told.size() + " ");
        for (int worker = 0; worker < told.size(); worker++) {
            for (String name : settings.keySet()) {
                String expected = told.get(0).get(name);
                String got = told.get(worker).get(name);
                if (!expected.equals(got)) {
                    throw new CollectiveException("worker " + worker + ": expected the " + name + " of worker 0, "
                            + expected + ", got " + got);
                }
            }
            joined.append('[').append(told.get(worker).get("batches")).append(']');
        }
        return joined.toString();
    }

    private static byte[] texts(Map<String, String> texts) {
        return written(out -> {
            out.writeInt(texts.size());
            for (Map.Entry<String, String> text : texts.entrySet()) {
                write(out, text.getKey());
                write(out, text.getValue());
            }
        });
    }

    private static Map<String, String> texts(byte[] told) {
        return read(told, in -> {
            Map<String, String> texts = new LinkedHashMap<>();
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                texts.put(text(in), text(in));
            }
            return texts;
        });
    }

    /** Checks that all have the same weights. */
    void requireSameWeights() {
        List<Parameter> differing = differing();
        if (!differing.isEmpty()) {
            throw new CollectiveException("parameter '" + differing.get(0).name()
                    + "': expected the same first values in all workers; give them the same seed or the same file");
        }
    }

    /** Averages parameters that are not the same everywhere: running statistics, and weights on processors that round otherwise. */
    void settle() {
        List<Parameter> differing = differing();
        differing.forEach(parameter -> average(parameter.value(), 1f / workers.size()));
        if (!differing.isEmpty()) {
            parameters.changed();
        }
    }

    private List<Parameter> differing() {
        List<Parameter> list = parameters.list();
        int count = room(parameters.values());
        parameters.values().read(0, room, 0, count);
        ByteBuffer sums = ByteBuffer.allocate(list.size() * Long.BYTES);
        list.forEach(parameter -> sums.putLong(checksum(parameter)));
        List<byte[]> told = workers.allGather(sums.array());
        List<Parameter> differing = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            int from = i * Long.BYTES;
            int to = from + Long.BYTES;
            if (told.stream().anyMatch(other -> !Arrays.equals(other, from, to, told.get(0), from, to))) {
                differing.add(list.get(i));
            }
        }
        return differing;
    }

    private long checksum(Parameter parameter) {
        int from = Math.toIntExact(parameter.offset());
        int to = from + Math.toIntExact(parameter.shape().elements());
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        while (from < to) {
            int n = Math.min(to - from, bytes.capacity() / Float.BYTES);
            bytes.clear();
            bytes.asFloatBuffer().put(room, from, n);
            sum.update(bytes.limit(n * Float.BYTES));
            from += n;
        }
        return sum.getValue();
    }

    /** The largest of all numbers that the workers give. */
    int most(int mine) {
        int most = mine;
        for (ByteBuffer other : tell(buffer -> buffer.putInt(mine))) {
            most = Math.max(most, other.getInt());
        }
        return most;
    }

    /** Says whether this worker was asked to stop, and whether it may stop where it is; heard in the next exchange. */
    void say(boolean asked, boolean may) {
        asksToStop = asked;
        mayStop = may;
    }

    /** Whether all stop here: one was asked to, and all may. As of the last exchange. */
    boolean stops() {
        return stops;
    }

    /** Whether one was asked to stop, as of the last exchange. */
    boolean stopAsked() {
        return stopAsked;
    }

    /** Adds up what every worker has to give, and hears of stops. */
    Share add(Share mine) {
        double weight = 0;
        double sum = 0;
        boolean asked = false;
        boolean may = true;
        byte flagged = (byte) ((asksToStop ? 1 : 0) | (mayStop ? 2 : 0));
        for (ByteBuffer other : tell(
                buffer -> buffer.putDouble(mine.weight()).putDouble(mine.sum()).put(flagged))) {
            weight += other.getDouble();
            sum += other.getDouble();
            byte flags = other.get();
            asked |= (flags & 1) != 0;
            may &= (flags & 2) != 0;
        }
        stopAsked = asked;
        stops = asked && may;
        return new Share(weight, sum);
    }

    /** How gradients of the trainer's model become those of all. */
    GradientSum gradientSum(Trainer trainer, Scope scope) {
        return new GradientSum(workers, trainer.compression, trainer.model, scope);
    }

    /** Makes the touched rows of parameters that are updated by rows those of all. */
    void mergeTouchedRows() {
        for (Parameter parameter : parameters.list()) {
            if (parameter.touchedRows() == null) {
                continue;
            }
            ByteBuffer mine = ByteBuffer.allocate(parameter.touchedRows().count() * Integer.BYTES);
            mine.asIntBuffer()
                    .put(
                            parameter.touchedRows().rows(),
                            0,
                            parameter.touchedRows().count());
            for (byte[] other : workers.allGather(mine.array())) {
                int[] rows = new int[other.length / Integer.BYTES];
                ByteBuffer.wrap(other).asIntBuffer().get(rows);
                parameter.touchedRows().add(rows, parameter.shape().dim(0));
            }
        }
    }

    /**
     * Puts means over all workers in the place of weights and what is laid out like them.
     *
     * @param weight of the targets that this worker has seen since the last time
     * @param step of this worker
     * @return the largest step of all
     */
    long average(List<Tensor> flats, double weight, long step) {
        Share all = add(new Share(weight, 0));
        float share = (float) (all.weight() > 0 ? weight / all.weight() : 1.0 / workers.size());
        flats.forEach(flat -> average(flat, share));
        parameters.changed();
        long most = step;
        for (ByteBuffer other : tell(buffer -> buffer.putLong(step))) {
            most = Math.max(most, other.getLong());
        }
        return most;
    }

    private void average(Tensor tensor, float share) {
        int count = room(tensor);
        tensor.read(0, room, 0, count);
        for (int i = 0; i < count; i++) {
            room[i] *= share;
        }
        workers.allReduce(room, count);
        tensor.write(0, room, 0, count);
    }

    private int room(Tensor tensor) {
        int count = Math.toIntExact(tensor.elements());
        room = room.length < count ? new float[count] : room;
        return count;
    }

    /**
     * What the first worker measures, told to all.
     *
     * @param measure null if there is nothing to be measured, or in another worker
     */
    Evaluation evaluate(Supplier<Evaluation> measure) {
        byte[] mine = {};
        if (measure != null) {
            Evaluation evaluation = measure.get();
            mine = written(out -> {
                out.writeDouble(evaluation.loss());
                for (Map.Entry<String, Double> metric : evaluation.metrics().entrySet()) {
                    write(out, metric.getKey());
                    out.writeDouble(metric.getValue());
                }
            });
        }
        byte[] told = workers.allGather(mine).get(0);
        return told.length == 0
                ? null
                : read(told, in -> {
                    double loss = in.readDouble();
                    Map<String, Double> metrics = new LinkedHashMap<>();
                    while (in.available() > 0) {
                        metrics.put(text(in), in.readDouble());
                    }
                    return new Evaluation(loss, metrics);
                });
    }

    private interface Told {
        void put(ByteBuffer buffer);
    }

    private List<ByteBuffer> tell(Told told) {
        ByteBuffer mine = ByteBuffer.allocate(32);
        told.put(mine);
        byte[] bytes = Arrays.copyOf(mine.array(), mine.position());
        return workers.allGather(bytes).stream().map(ByteBuffer::wrap).toList();
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] told, Reading<T> reading) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(told))) {
            return reading.from(in);
        } catch (IOException e) {
            throw new CollectiveException("a worker told what cannot be understood: " + e.getMessage(), e);
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
