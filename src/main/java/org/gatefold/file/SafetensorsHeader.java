package org.gatefold.file;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gatefold.file.Safetensors.Entry;

/**
 * The checked header of a safetensors file: every rule of the format holds once it exists. Immutable.
 *
 * @param metadata free text by key
 * @param entries tensors by name, in the order of their data
 * @param dataStart first byte of the data within the file
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> entries, long dataStart) {
    static final String METADATA = "__metadata__";

    /** The format's own limit on the header. */
    private static final long LONGEST = 100_000_000;

    private static final Map<String, StoredType> TYPES =
            Stream.of(StoredType.values()).collect(Collectors.toMap(StoredType::name, type -> type));

    /** Reads and checks the header; {@code name} names the file in messages. */
    static SafetensorsHeader read(String name, PositionedFile file) throws IOException {
        long size = file.size();
        if (size < Long.BYTES) {
            throw damaged(name, "cut off: expected at least 8 bytes, got " + size, null);
        }
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (length.hasRemaining() && file.read(length, length.position()) >= 0) {}
        long headerBytes = length.getLong(0);
        if (headerBytes < 2 || headerBytes > LONGEST) {
            throw damaged(name, "not a safetensors file: a header of " + headerBytes + " bytes", null);
        }
        if (headerBytes > size - Long.BYTES) {
            throw damaged(
                    name, "cut off: expected a header of " + headerBytes + " bytes, got " + (size - Long.BYTES), null);
        }
        long dataStart = Long.BYTES + headerBytes;
        SafetensorsHeader header = parse(name, new Part(file, Long.BYTES, headerBytes), dataStart);
        return header.checked(name, size - dataStart);
    }

    private static FileException damaged(String file, String problem, Exception cause) {
        return new FileException(file, "", problem, cause);
    }

    /** The header's bytes, so that neither they nor their text are in memory as a whole. */
    private static final class Part extends InputStream {
        private final PositionedFile file;
        private final long end;
        private long position;

        Part(PositionedFile file, long start, long count) {
            this.file = file;
            this.position = start;
            this.end = start + count;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int most) throws IOException {
            if (position == end) {
                return -1;
            }
            ByteBuffer buffer = ByteBuffer.wrap(target, from, (int) Math.min(most, end - position));
            int count = file.read(buffer, position);
            position += Math.max(count, 0);
            return count;
        }
    }

    private static SafetensorsHeader parse(String file, InputStream header, long dataStart) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> entries = new HashMap<>();
        boolean metadataSeen = false;
        try (JsonReader reader = new JsonReader(new InputStreamReader(header, StandardCharsets.UTF_8.newDecoder()))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (name.equals(METADATA)) {
                    require(!metadataSeen, name, "occurs twice");
                    metadataSeen = true;
                    readMetadata(reader, metadata);
                } else {
                    require(entries.put(name, readEntry(name, reader)) == null, name, "occurs twice");
                }
            }
            reader.endObject();
            require(reader.peek() == JsonToken.END_DOCUMENT, "header", "goes on after its end");
        } catch (CharacterCodingException e) {
            throw damaged(file, "damaged header: is not UTF-8", e);
        } catch (MalformedJsonException | EOFException | IllegalStateException | NumberFormatException e) {
            throw damaged(file, "damaged header: " + FileException.reason(e), e);
        } catch (FileException e) {
            throw damaged(file, "damaged header: " + e.problem(), e);
        }
        return new SafetensorsHeader(metadata, entries, dataStart);
    }

    private static void readMetadata(JsonReader reader, Map<String, String> metadata) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            String key = reader.nextName();
            require(reader.peek() == JsonToken.STRING, METADATA + "." + key, "is not a text");
            require(metadata.put(key, reader.nextString()) == null, METADATA + "." + key, "occurs twice");
        }
        reader.endObject();
    }

    private static Entry readEntry(String name, JsonReader reader) throws IOException {
        String type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        reader.beginObject();
        while (reader.hasNext()) {
            String key = reader.nextName();
            switch (key) {
                case "dtype" -> {
                    require(type == null, name, "has two values for dtype");
                    type = reader.nextString();
                }
                case "shape" -> {
                    require(shape == null, name, "has two values for shape");
                    shape = readNumbers(name, reader);
                }
                case "data_offsets" -> {
                    require(offsets == null, name, "has two values for data_offsets");
                    offsets = readNumbers(name, reader);
                }
                default -> require(false, name, "has an unknown key '" + key + "'");
            }
        }
        reader.endObject();
        require(type != null && shape != null && offsets != null, name, "lacks dtype, shape or data_offsets");
        require(offsets.size() == 2, name, "has " + offsets.size() + " data_offsets instead of 2");
        return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private static List<Long> readNumbers(String name, JsonReader reader) throws IOException {
        List<Long> numbers = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            require(reader.peek() == JsonToken.NUMBER, name, "has something else than a number in a list of numbers");
            String digits = reader.nextString();
            require(digits.matches("[0-9]{1,18}"), name, "has '" + digits + "' where a count is expected");
            numbers.add(Long.parseLong(digits));
        }
        reader.endArray();
        return numbers;
    }

    /** Checks types and that the tensors fill the data without gap or overlap. */
    private SafetensorsHeader checked(String file, long dataBytes) {
        List<Entry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        Map<String, Entry> byOffset = new LinkedHashMap<>();
        long end = 0;
        for (Entry entry : ordered) {
            try {
                checkSize(entry);
                require(entry.begin() == end, entry.name(), "begins at byte " + entry.begin() + " instead of " + end);
            } catch (FileException e) {
                throw damaged(file, "damaged header: " + e.problem(), e);
            }
            end = entry.end();
            byOffset.put(entry.name(), entry);
        }
        if (end != dataBytes) {
            throw damaged(
                    file,
                    (end > dataBytes ? "cut off" : "too long") + ": expected " + end + " bytes of data, got "
                            + dataBytes,
                    null);
        }
        return new SafetensorsHeader(metadata, byOffset, dataStart);
    }

    private static void checkSize(Entry entry) {
        StoredType type = TYPES.get(entry.type());
        require(type != null, entry.name(), "has the unknown type '" + entry.type() + "'");
        long wanted = type.bytes();
        try {
            for (long dimension : entry.shape()) {
                wanted = Math.multiplyExact(wanted, dimension);
            }
        } catch (ArithmeticException e) {
            throw new FileException("'" + entry.name() + "' has the impossible shape " + entry.shape(), e);
        }
        require(
                entry.end() >= entry.begin() && entry.end() - entry.begin() == wanted,
                entry.name(),
                "of type " + entry.type() + " and shape " + entry.shape() + " needs " + wanted + " bytes, not "
                        + entry.begin() + " to " + entry.end());
    }

    private static void require(boolean holds, String name, String complaint) {
        if (!holds) {
            throw new FileException("'" + name + "' " + complaint);
        }
    }
}
