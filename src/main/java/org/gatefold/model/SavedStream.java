package org.gatefold.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Tensor;

/**
 * The states of a stream as bytes, little-endian: {@code GFST}, version, rows, check sums of the layout of states and of the model's
 * weights, number of states, states, check sum of all before. Remembers the check sum of the weights till these change. One thread at a
 * time.
 */
final class SavedStream {
    private static final int MAGIC = 'G' | 'F' << 8 | 'S' << 16 | 'T' << 24;
    private static final int VERSION = 1;
    private static final int HEADER = 6 * Integer.BYTES;
    private static final int SLICE = 1 << 16;

    private final ParameterStore parameters;
    private final int rows;
    private final int layout;
    private long version = -1;
    private int weights;

    SavedStream(ParameterStore parameters, int rows, List<String> layout) {
        this.parameters = parameters;
        this.rows = rows;
        CRC32 sum = new CRC32();
        sum.update(String.join("\n", layout).getBytes(StandardCharsets.UTF_8));
        this.layout = (int) sum.getValue();
    }

    byte[] write(float[] states) {
        ByteBuffer bytes = ByteBuffer.allocate(
                        Math.addExact(HEADER + Integer.BYTES, Math.multiplyExact(states.length, Float.BYTES)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(rows)
                .putInt(layout)
                .putInt(weights())
                .putInt(states.length);
        for (float state : states) {
            bytes.putFloat(state);
        }
        return bytes.putInt(sum(bytes.array(), bytes.position())).array();
    }

    float[] read(byte[] saved, int count) {
        ByteBuffer bytes = ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN);
        if (saved.length < HEADER + Integer.BYTES || bytes.getInt() != MAGIC) {
            throw new IllegalArgumentException(
                    "state: expected bytes that a stream has saved, got " + saved.length + " others");
        }
        require("version", VERSION, bytes.getInt());
        int end = saved.length - Integer.BYTES;
        if (bytes.getInt(end) != sum(saved, end)) {
            throw new IllegalArgumentException("state: the bytes are damaged: their check sum is another");
        }
        require("rows", rows, bytes.getInt());
        if (bytes.getInt() != layout) {
            throw new IllegalArgumentException("state: is one of another model, whose layers carry other states");
        }
        if (bytes.getInt() != weights()) {
            throw new IllegalArgumentException("state: is one of a model with other weights");
        }
        require("numbers", count, bytes.getInt());
        require("bytes", HEADER + Integer.BYTES + count * Float.BYTES, saved.length);
        float[] states = new float[count];
        bytes.asFloatBuffer().get(states);
        return states;
    }

    private static void require(String what, int expected, int actual) {
        if (actual != expected) {
            throw new IllegalArgumentException("state: " + what + ": expected " + expected + ", got " + actual);
        }
    }

    private static int sum(byte[] bytes, int count) {
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, count);
        return (int) sum.getValue();
    }

    private int weights() {
        if (version != parameters.version()) {
            version = parameters.version();
            Tensor values = parameters.values();
            float[] slice = new float[SLICE];
            ByteBuffer bytes = ByteBuffer.allocate(SLICE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            CRC32 sum = new CRC32();
            for (long at = 0; at < values.elements(); at += SLICE) {
                int count = (int) Math.min(SLICE, values.elements() - at);
                values.read(at, slice, 0, count);
                bytes.clear().asFloatBuffer().put(slice, 0, count);
                sum.update(bytes.array(), 0, count * Float.BYTES);
            }
            weights = (int) sum.getValue();
        }
        return weights;
    }
}
