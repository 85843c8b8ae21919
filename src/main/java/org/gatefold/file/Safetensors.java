package org.gatefold.file;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.gatefold.tensor.Shape;

/**
 * An open file in the safetensors format (github.com/huggingface/safetensors, README, "Format"): eight bytes of header
 * length, a JSON header, raw little-endian data.
 *
 * <p>The header is checked completely when a file is opened, so a damaged or cut-off file is refused before anything is
 * read from it. Owns the open file. One thread at a time.
 */
public final class Safetensors implements AutoCloseable {
    private static final int PIECE = 16 << 10;
    private static final int ALIGNMENT = 8;

    private final Path path;
    private final PositionedFile file;
    private final SafetensorsHeader header;

    private Safetensors(Path path, PositionedFile file, SafetensorsHeader header) {
        this.path = path;
        this.file = file;
        this.header = header;
    }

    /**
     * Where a tensor lies in a file.
     *
     * @param name its name
     * @param type its element type in the format's words, for instance {@code "F32"}
     * @param shape its dimensions, outermost first; empty for a single number
     * @param begin first byte, counted from the end of the header
     * @param end first byte after it
     */
    public record Entry(String name, String type, List<Long> shape, long begin, long end) {
        public Entry {
            shape = List.copyOf(shape);
        }
    }

    /** A tensor to write: {@code values} gives its elements when its turn comes. */
    public record Source(String name, Shape shape, Values values) {}

    /** Gives the elements of a tensor, row-major. */
    @FunctionalInterface
    public interface Values {
        float[] get();
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws FileException if it is not a complete safetensors file, saying what is wrong
     * @throws IOException if it cannot be read
     */
    @MustBeClosed
    public static Safetensors open(Path path) throws IOException {
        PositionedFile file = new PositionedFile(path);
        try {
            return new Safetensors(path, file, SafetensorsHeader.read(path.toString(), file));
        } catch (IOException | RuntimeException e) {
            try {
                file.close();
            } catch (IOException f) {
                e.addSuppressed(f);
            }
            throw e;
        }
    }

    /** Free text by key; empty if the file has none. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** The tensors in the order of their data. */
    public Collection<Entry> entries() {
        return header.entries().values();
    }

    /** True if the file has a tensor of this name. */
    public boolean contains(String name) {
        return header.entries().containsKey(name);
    }

    /**
     * The elements of a float tensor.
     *
     * @throws FileException if there is no such tensor, or if it has another type or shape
     * @throws IOException if reading fails
     */
    public float[] floats(String name, Shape expected) throws IOException {
        require(name, expected);
        Shape.requireProduct(name, Integer.MAX_VALUE - 8, expected.toArray());
        float[] values = new float[(int) expected.elements()];
        read(name, expected, values, 0);
        return values;
    }

    /**
     * Checks that there is a float tensor of a name and shape.
     *
     * @throws FileException if not, naming what is expected and what there is
     */
    public void require(String name, Shape expected) {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            throw missing(name);
        }
        if (!entry.type().equals("F32")) {
            throw wrong(name, "expected type F32, got " + entry.type());
        }
        if (!entry.shape().equals(dimensions(expected))) {
            throw wrong(name, "expected shape " + expected + ", got " + entry.shape());
        }
    }

    /**
     * Reads the elements of a float tensor to {@code target[from]} and following.
     *
     * @throws FileException if there is no such tensor, or if it has another type or shape
     * @throws IOException if reading fails
     */
    public void read(String name, Shape expected, float[] target, int from) throws IOException {
        require(name, expected);
        Shape.requireProduct(name, Integer.MAX_VALUE - 8, expected.toArray());
        int elements = (int) expected.elements();
        Objects.checkFromIndexSize(from, elements, target.length);
        read(header.entries().get(name), StoredType.F32, target, from, elements);
    }

    /**
     * The elements of a tensor of any type and shape, as floats.
     *
     * @throws FileException if there is no such tensor, or if it has more elements than an array
     * @throws IOException if reading fails
     */
    public float[] converted(String name) throws IOException {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            throw missing(name);
        }
        StoredType type = StoredType.valueOf(entry.type());
        long elements = (entry.end() - entry.begin()) / type.bytes();
        if (elements > Integer.MAX_VALUE - 8) {
            throw wrong(name, "expected fewer than 2^31 elements, got " + elements);
        }
        float[] values = new float[(int) elements];
        read(entry, type, values, 0, values.length);
        return values;
    }

    private void read(Entry entry, StoredType type, float[] target, int from, int elements) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        long position = header.dataStart() + entry.begin();
        for (int done = 0; done < elements; ) {
            int count = Math.min(PIECE, elements - done);
            piece.clear().limit(count * type.bytes());
            while (piece.hasRemaining()) {
                int read = file.read(piece, position);
                if (read < 0) {
                    throw wrong(entry.name(), "is cut off");
                }
                position += read;
            }
            piece.flip();
            type.read(piece, target, from + done, count);
            done += count;
        }
    }

    private FileException missing(String name) {
        return new FileException(path.toString(), "", "expected a tensor '" + name + "', found none", null);
    }

    private FileException wrong(String name, String problem) {
        return new FileException(path.toString(), "tensor '" + name + "'", problem, null);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /**
     * Writes a file of float tensors, one after the other without gaps.
     *
     * @throws IllegalArgumentException if a name occurs twice or a source gives another number of elements than its shape
     */
    public static void write(OutputStream out, Map<String, String> metadata, List<Source> sources) throws IOException {
        byte[] head = header(metadata, sources);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.write(length.putLong(head.length).array());
        out.write(head);
        ByteBuffer piece = ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Source source : sources) {
            float[] values = source.values().get();
            if (values.length != source.shape().elements()) {
                throw new IllegalArgumentException("tensor '" + source.name() + "': expected "
                        + source.shape().elements() + " elements for shape " + source.shape() + ", got "
                        + values.length);
            }
            for (int done = 0; done < values.length; ) {
                int count = Math.min(PIECE, values.length - done);
                piece.asFloatBuffer().put(values, done, count);
                out.write(piece.array(), 0, count * Float.BYTES);
                done += count;
            }
        }
    }

    private static byte[] header(Map<String, String> metadata, List<Source> sources) {
        JsonObject root = new JsonObject();
        if (!metadata.isEmpty()) {
            JsonObject texts = new JsonObject();
            metadata.forEach(texts::addProperty);
            root.add(SafetensorsHeader.METADATA, texts);
        }
        long offset = 0;
        for (Source source : sources) {
            if (root.has(source.name())) {
                throw new IllegalArgumentException("tensor '" + source.name() + "': the name occurs twice");
            }
            long end = offset + source.shape().elements() * Float.BYTES;
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", "F32");
            entry.add("shape", Json.array(dimensions(source.shape())));
            entry.add("data_offsets", Json.array(List.of(offset, end)));
            root.add(source.name(), entry);
            offset = end;
        }
        byte[] text = Json.compact(root).getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] head = Arrays.copyOf(text, padded);
        Arrays.fill(head, text.length, padded, (byte) ' ');
        return head;
    }

    private static List<Long> dimensions(Shape shape) {
        return Arrays.stream(shape.toArray()).asLongStream().boxed().toList();
    }
}
