package org.gatefold.exchange.deeplearning4j;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.file.FileException;
import org.gatefold.file.StoredType;

/**
 * A vector of ND4J's as {@code Nd4j.write} stores one: a buffer that tells its shape, and one with the numbers; each begins with a mode, a
 * length and a type, all big-endian. Whatever a buffer claims is compared with the bytes there are before memory is taken. Immutable.
 */
final class Nd4jArray {
    /** Lengths were of 32 bits in buffers of the first three modes. */
    private static final List<String> SHORT_MODES = List.of("DIRECT", "HEAP", "JAVACPP");

    private static final List<String> LONG_MODES = List.of("LONG_SHAPE", "MIXED_DATA_TYPES");
    private static final int MOST_RANK = 32;

    private static final Map<String, StoredType> TYPES = Map.ofEntries(
            Map.entry("DOUBLE", StoredType.F64),
            Map.entry("FLOAT", StoredType.F32),
            Map.entry("HALF", StoredType.F16),
            Map.entry("BFLOAT16", StoredType.BF16),
            Map.entry("LONG", StoredType.I64),
            Map.entry("INT", StoredType.I32),
            Map.entry("SHORT", StoredType.I16),
            Map.entry("BYTE", StoredType.I8),
            Map.entry("UBYTE", StoredType.U8),
            Map.entry("BOOL", StoredType.BOOL),
            Map.entry("UINT16", StoredType.U16),
            Map.entry("UINT32", StoredType.U32),
            Map.entry("UINT64", StoredType.U64));

    private final StoredType type;
    private final float[] values;

    Nd4jArray(StoredType type, float[] values) {
        this.type = type;
        this.values = values;
    }

    /** As it is stored. */
    StoredType type() {
        return type;
    }

    /** As floats; not copied. */
    float[] values() {
        return values;
    }

    /** How many numbers follow, and of which type. */
    private record Header(long length, StoredType type) {}

    /** Arrays that stand one behind the other in the bytes of an entry. */
    static final class Source {
        private final String file;
        private final String entry;
        private final byte[] bytes;
        private final ByteArrayInputStream stream;
        private final DataInputStream data;

        Source(String file, String entry, byte[] bytes) {
            this.file = file;
            this.entry = entry;
            this.bytes = bytes;
            stream = new ByteArrayInputStream(bytes);
            data = new DataInputStream(stream);
        }

        DataInputStream data() {
            return data;
        }

        /** The next array. */
        Nd4jArray next() throws IOException {
            try {
                Header shape = header();
                if (!shape.type().isInteger() || shape.length() > 2 * MOST_RANK + 4) {
                    throw wrong("expected the shape of an array, got " + shape.length() + " numbers of "
                            + shape.type().name().toLowerCase(Locale.ROOT));
                }
                long numbers = elements(numbers(shape), (int) shape.length());
                Header values = header();
                if (numbers != values.length()) {
                    throw wrong(
                            "expected " + numbers + " numbers as the shape of the array says, got " + values.length());
                }
                ByteBuffer buffer = numbers(values);
                float[] floats = new float[(int) values.length()];
                values.type().read(buffer, floats, 0, floats.length);
                return new Nd4jArray(values.type(), floats);
            } catch (EOFException e) {
                throw new FileException(file, named(), "ends within an array", e);
            } catch (UTFDataFormatException e) {
                throw new FileException(file, named(), "is no array of ND4J's", e);
            }
        }

        private Header header() throws IOException {
            String mode = data.readUTF();
            boolean isShort = SHORT_MODES.contains(mode);
            if (!isShort && !LONG_MODES.contains(mode)) {
                throw wrong("expected an array of ND4J's, got a buffer of mode '" + mode + "'");
            }
            long length = isShort ? data.readInt() : data.readLong();
            String name = data.readUTF();
            StoredType type = TYPES.get(name);
            if (type == null) {
                throw wrong("numbers of type '" + name + "' are not read; expected one of "
                        + TYPES.keySet().stream().sorted().toList());
            }
            return new Header(length, type);
        }

        /** The numbers of a buffer, whose length is compared with the bytes there are. */
        private ByteBuffer numbers(Header header) throws IOException {
            int width = header.type().bytes();
            int left = stream.available();
            if (header.length() < 0 || header.length() > left / width) {
                throw wrong("expected " + header.length() + " numbers of " + width + " bytes, got " + left + " bytes");
            }
            int size = (int) header.length() * width;
            ByteBuffer buffer = ByteBuffer.wrap(bytes, bytes.length - left, size);
            data.skipNBytes(size);
            return buffer;
        }

        /** Rank, then dimensions, then what a vector needs nothing of. */
        private long elements(ByteBuffer shape, int length) {
            int width = length == 0 ? 1 : shape.remaining() / length;
            long rank = length == 0 ? -1 : number(shape, 0, width);
            if (rank < 0 || rank > MOST_RANK || length < 1 + rank) {
                throw wrong("expected the shape of an array, got rank " + rank + " of " + length + " numbers");
            }
            long elements = 1;
            int wide = 0;
            for (int axis = 1; axis <= rank; axis++) {
                long size = number(shape, axis, width);
                if (size < 0 || (size > 0 && elements > Integer.MAX_VALUE / size)) {
                    throw wrong(
                            "expected an array of at most " + Integer.MAX_VALUE + " numbers, got dimension " + size);
                }
                elements *= size;
                wide += size > 1 ? 1 : 0;
            }
            if (wide > 1) {
                throw wrong("expected a vector, got an array of " + wide + " dimensions");
            }
            return elements;
        }

        private static long number(ByteBuffer shape, int index, int width) {
            int at = shape.position() + index * width;
            return width == Long.BYTES ? shape.getLong(at) : shape.getInt(at);
        }

        private String named() {
            return "entry '" + entry + "'";
        }

        private FileException wrong(String problem) {
            return new FileException(file, named(), problem, null);
        }
    }
}
