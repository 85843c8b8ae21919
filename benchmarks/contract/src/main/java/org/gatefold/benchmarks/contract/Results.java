package org.gatefold.benchmarks.contract;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named tensors that a pass computed, in canonical layouts. Names: {@code y, hn, cn, dx, loss} and per layer and
 * direction {@code dWx.l.d, dWh.l.d, db.l.d}. Mutable; for one thread.
 */
public final class Results {
    private final Map<String, float[]> tensors = new LinkedHashMap<>();

    public static String ofWeight(String name, int layer, int direction) {
        return name + "." + layer + "." + direction;
    }

    public Results put(String name, float[] values) {
        tensors.put(name, values);
        return this;
    }

    public Map<String, float[]> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    public void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeInt(tensors.size());
            for (Map.Entry<String, float[]> tensor : tensors.entrySet()) {
                float[] values = tensor.getValue();
                out.writeUTF(tensor.getKey());
                out.writeInt(values.length);
                ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
                bytes.asFloatBuffer().put(values);
                out.write(bytes.array());
            }
        }
    }

    public static Results read(Path file) throws IOException {
        Results results = new Results();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                float[] values = new float[in.readInt()];
                ByteBuffer.wrap(in.readNBytes(4 * values.length))
                        .asFloatBuffer()
                        .get(values);
                results.put(name, values);
            }
        }
        return results;
    }
}
