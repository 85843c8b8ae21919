package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path directory;

    private static byte[] written(Map<String, String> metadata, List<Safetensors.Source> sources) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Safetensors.write(out, metadata, sources);
        return out.toByteArray();
    }

    private static byte[] file(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.putLong(text.length).put(text).array();
    }

    private Path save(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("file.safetensors"), bytes);
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path path = save(bytes);
        assertThatThrownBy(() -> {
                    try (Safetensors file = Safetensors.open(path)) {
                        file.metadata();
                    }
                })
                .isInstanceOf(FileException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    /** Written by hand from the format's description, not by the writer under test. */
    @Test
    void readsAHandMadeFile() throws IOException {
        byte[] bytes = file(
                "{\"__metadata__\":{\"made\":\"by hand\"},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[0,12]}}   ",
                20);
        ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(bytes.length - 20);
        data.putFloat(1f).putFloat(-2f).putFloat(0.5f).putFloat(3f).putFloat(Float.NaN);
        try (Safetensors file = Safetensors.open(save(bytes))) {
            assertThat(file.metadata()).containsExactly(Map.entry("made", "by hand"));
            assertThat(file.entries()).extracting(Safetensors.Entry::name).containsExactly("a", "b");
            assertThat(file.floats("a", Shape.of(1, 3))).containsExactly(1f, -2f, 0.5f);
            assertThat(file.floats("b", Shape.of(2))).containsExactly(3f, Float.NaN);
        }
    }

    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        byte[] bytes = written(
                Map.of("k", "ü"), List.of(new Safetensors.Source("w", Shape.of(2), () -> new float[] {1f, 2f})));
        String header =
                "{\"__metadata__\":{\"k\":\"ü\"},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        int length = (header.getBytes(StandardCharsets.UTF_8).length + 7) / 8 * 8;
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(buffer.getLong()).isEqualTo(length);
        byte[] text = new byte[length];
        buffer.get(text);
        assertThat(new String(text, StandardCharsets.UTF_8).stripTrailing()).isEqualTo(header);
        assertThat(buffer.getFloat()).isEqualTo(1f);
        assertThat(buffer.getFloat()).isEqualTo(2f);
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Property(tries = 60)
    void whatIsWrittenIsReadBack(
            @ForAll @Size(max = 6) List<@Size(min = 1, max = 4) List<@IntRange(min = 1, max = 40) Integer>> shapes,
            @ForAll @Size(min = 6, max = 6) @UniqueElements List<String> names,
            @ForAll @Size(max = 3) Map<String, String> metadata,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        List<Safetensors.Source> sources = new ArrayList<>();
        Map<String, float[]> expected = new HashMap<>();
        Map<String, Shape> expectedShapes = new HashMap<>();
        for (int i = 0; i < shapes.size(); i++) {
            if (names.get(i).equals("__metadata__")) {
                continue;
            }
            Shape shape = Shape.of(
                    shapes.get(i).stream().limit(3).mapToInt(Integer::intValue).toArray());
            float[] values = new float[(int) shape.elements()];
            for (int j = 0; j < values.length; j++) {
                values[j] = Float.intBitsToFloat(random.nextInt());
            }
            expected.put(names.get(i), values);
            expectedShapes.put(names.get(i), shape);
            sources.add(new Safetensors.Source(names.get(i), shape, () -> values));
        }
        Path path = Files.createTempFile("property", ".safetensors");
        try {
            Files.write(path, written(metadata, sources));
            try (Safetensors file = Safetensors.open(path)) {
                assertThat(file.metadata()).isEqualTo(metadata);
                assertThat(file.entries()).hasSize(expected.size());
                for (Map.Entry<String, float[]> entry : expected.entrySet()) {
                    float[] read = file.floats(entry.getKey(), expectedShapes.get(entry.getKey()));
                    assertThat(bits(read)).isEqualTo(bits(entry.getValue()));
                }
            }
        } finally {
            Files.delete(path);
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        byte[] bytes = written(
                Map.of("k", "v"),
                List.of(
                        new Safetensors.Source("w", Shape.of(2, 3), () -> new float[6]),
                        new Safetensors.Source("b", Shape.of(2), () -> new float[2])));
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length), "cut off");
        }
        refused(Arrays.copyOf(bytes, bytes.length + 1), "too long: expected 32 bytes of data, got 33");
    }

    /** Whatever byte of the header is changed: either the file is refused in one line, or it is still a valid file. */
    @Property(tries = 500)
    void damagedHeadersNeverEscapeTheChecks(@ForAll @IntRange(min = 0, max = 200) int at, @ForAll byte value)
            throws IOException {
        byte[] bytes = written(
                Map.of("k", "v"),
                List.of(
                        new Safetensors.Source("w", Shape.of(2, 3), () -> new float[6]),
                        new Safetensors.Source("b", Shape.of(2), () -> new float[2])));
        bytes[at % (bytes.length - 32)] = value;
        Path path = Files.createTempFile("damaged", ".safetensors");
        try {
            Files.write(path, bytes);
            try (Safetensors file = Safetensors.open(path)) {
                long total = file.entries().stream()
                        .mapToLong(entry -> entry.end() - entry.begin())
                        .sum();
                assertThat(total).isEqualTo(32);
            } catch (FileException e) {
                assertThat(e.getMessage()).startsWith(path + ": ").doesNotContain("\n");
            }
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void everyRuleOfTheFormatIsChecked() throws IOException {
        String w = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        refused(new byte[16], "a header of 0 bytes");
        refused(file("[1]", 0), "damaged header: Expected BEGIN_OBJECT but was BEGIN_ARRAY");
        refused(file("{" + w + "}x", 8), "damaged header");
        refused(file("{" + w + "," + w + "}", 8), "'w' occurs twice");
        refused(file("{'w':1}", 0), "damaged header");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8), "'w' lacks dtype, shape or data_offsets");
        refused(file("{\"w\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8), "unknown type 'F99'");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8), "needs 12 bytes");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8), "'-2'");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8), "needs 8 bytes");
        refused(
                file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8),
                "1 data_offsets instead of 2");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", 8), "unknown key 'x'");
        refused(file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12), "begins at byte 4");
        refused(
                file("{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999,99999999999],\"data_offsets\":[0,8]}}", 8),
                "impossible shape");
        refused(
                file("{" + w + ",\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12),
                "'v' begins at byte 4 instead of 8");
        refused(file("{\"__metadata__\":{\"k\":1}," + w + "}", 8), "'__metadata__.k' is not a text");
        byte[] notText = file("{" + w + "}", 8);
        notText[10] = (byte) 0xFF;
        refused(notText, "not UTF-8");
        byte[] endless = file("{" + w + "}", 8);
        ByteBuffer.wrap(endless).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE);
        refused(endless, "a header of 9223372036854775807 bytes");
    }

    @Test
    void wrongNamesTypesAndShapesAreNamed() throws IOException {
        Path path = save(file(
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"h\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]}}",
                12));
        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.contains("w")).isTrue();
            assertThat(file.contains("x")).isFalse();
            assertThatThrownBy(() -> file.floats("x", Shape.of(2)))
                    .hasMessage(path + ": expected a tensor 'x', found none");
            assertThatThrownBy(() -> file.floats("h", Shape.of(2)))
                    .hasMessage(path + ": tensor 'h': expected type F32, got BF16");
            assertThatThrownBy(() -> file.floats("w", Shape.of(1, 2)))
                    .hasMessage(path + ": tensor 'w': expected shape [1, 2], got [2]");
        }
    }

    @Test
    void theWriterRefusesWhatItCouldNotRead() {
        Safetensors.Source w = new Safetensors.Source("w", Shape.of(2), () -> new float[2]);
        Safetensors.Source wrong = new Safetensors.Source("v", Shape.of(2), () -> new float[3]);
        assertThatThrownBy(() -> written(Map.of(), List.of(w, w))).hasMessage("tensor 'w': the name occurs twice");
        assertThatThrownBy(() -> written(Map.of(), List.of(wrong)))
                .hasMessage("tensor 'v': expected 2 elements for shape [2], got 3");
    }

    @Test
    void aFullDiskLeavesTheOldFile() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full");
        Path path = directory.resolve("weights");
        AtomicFile.write(path, out -> out.write(7));
        assertThatThrownBy(() -> AtomicFile.write(path, out -> {
                    out.write(new byte[1 << 20]);
                    try (OutputStream device = Files.newOutputStream(full)) {
                        device.write(new byte[1 << 20]);
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left on device");
        assertThat(Files.readAllBytes(path)).containsExactly(7);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }
}
