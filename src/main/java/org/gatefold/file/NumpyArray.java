package org.gatefold.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An array of numbers from a file of NumPy's: {@code .npy}, or one of an {@code .npz}; versions 1 to 3 of the format, both orders of bytes
 * and of axes (numpy.lib.format). Texts, structures and Python objects are refused. Immutable.
 */
public final class NumpyArray {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** More than numpy itself reads. */
    private static final int LONGEST_HEADER = 1 << 20;

    private static final int MOST_DIMENSIONS = 64;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9L, ]*)\\)");

    private static final Map<String, StoredType> TYPES = Map.ofEntries(
            Map.entry("b1", StoredType.BOOL),
            Map.entry("u1", StoredType.U8),
            Map.entry("i1", StoredType.I8),
            Map.entry("u2", StoredType.U16),
            Map.entry("i2", StoredType.I16),
            Map.entry("f2", StoredType.F16),
            Map.entry("u4", StoredType.U32),
            Map.entry("i4", StoredType.I32),
            Map.entry("f4", StoredType.F32),
            Map.entry("u8", StoredType.U64),
            Map.entry("i8", StoredType.I64),
            Map.entry("f8", StoredType.F64));

    private final StoredType type;
    private final int[] shape;
    private final ByteBuffer data;

    /** @param data row-major, position 0 */
    private NumpyArray(StoredType type, int[] shape, ByteBuffer data) {
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /**
     * The arrays of an {@code .npz} file by name; that of an {@code .npy} file by the file's name without its ending.
     *
     * @throws FileException if it is neither, naming what is wrong
     * @throws IOException if it cannot be read
     */
    public static Map<String, NumpyArray> readAll(Path file) throws IOException {
        Map<String, NumpyArray> arrays = new LinkedHashMap<>();
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".npy")) {
            long most = Math.min(Integer.MAX_VALUE - 8L, Runtime.getRuntime().maxMemory() / 4);
            if (Files.size(file) > most) {
                throw new FileException(
                        file.toString(), "", "has " + Files.size(file) + " bytes; expected at most " + most, null);
            }
            arrays.put(withoutEnding(name), of(file.toString(), "", Files.readAllBytes(file)));
            return arrays;
        }
        try (Archive archive = Archive.open(file)) {
            for (String entry : archive.names()) {
                if (!entry.endsWith(".npy")) {
                    throw new FileException(
                            file.toString(), "entry '" + entry + "'", "expected a name that ends in .npy", null);
                }
                arrays.put(withoutEnding(entry), of(file.toString(), "array '" + entry + "'", archive.bytes(entry)));
            }
        }
        return arrays;
    }

    private static String withoutEnding(String name) {
        return name.substring(0, name.length() - ".npy".length());
    }

    /** @param field names the array in messages */
    private static NumpyArray of(String file, String field, byte[] bytes) {
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 10 || !Arrays.equals(MAGIC, 0, 6, bytes, 0, 6)) {
            throw new FileException(file, field, "is no array of NumPy's", null);
        }
        int version = bytes[6];
        int begin = version == 1 ? 10 : 12;
        if (version < 1 || version > 3) {
            throw new FileException(file, field, "expected version 1 to 3 of the format, got " + version, null);
        }
        if (bytes.length < begin) {
            throw new FileException(file, field, "is cut off", null);
        }
        int length = version == 1 ? all.getShort(8) & 0xffff : all.getInt(8);
        if (length < 0 || length > LONGEST_HEADER || length > bytes.length - begin) {
            throw new FileException(file, field, "is cut off, or has an impossible header", null);
        }
        String header = new String(bytes, begin, length, StandardCharsets.UTF_8);
        String descr = find(DESCR, header, file, field, "a plain type of numbers");
        StoredType type = TYPES.get(descr.replaceFirst("^[<>|=]", ""));
        if (type == null) {
            throw new FileException(file, field, "expected numbers, got the type '" + descr + "'", null);
        }
        int[] shape = shape(find(SHAPE, header, file, field, "a shape"), file, field);
        long size = type.bytes();
        for (int dimension : shape) {
            size = dimension != 0 && size > Long.MAX_VALUE / dimension ? Long.MAX_VALUE : size * dimension;
        }
        ByteBuffer data = all.slice(begin + length, bytes.length - begin - length)
                .order(descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        if (size != data.capacity()) {
            throw new FileException(
                    file,
                    field,
                    "expected " + size + " bytes for shape " + Arrays.toString(shape) + ", got " + data.capacity(),
                    null);
        }
        boolean columns = find(FORTRAN, header, file, field, "an order").equals("True");
        return new NumpyArray(type, shape, columns ? rowMajor(data, shape, type.bytes()) : data);
    }

    private static String find(Pattern pattern, String header, String file, String field, String what) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw new FileException(file, field, "expected " + what + " in its header, got " + header.strip(), null);
        }
        return matcher.group(1);
    }

    private static int[] shape(String text, String file, String field) {
        List<String> sizes = Stream.of(text.split(","))
                .map(size -> size.replace("L", "").strip())
                .filter(size -> !size.isEmpty())
                .toList();
        try {
            if (sizes.size() > MOST_DIMENSIONS) {
                throw new NumberFormatException(sizes.size() + " dimensions");
            }
            return sizes.stream().mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            throw new FileException(file, field, "has the impossible shape (" + text + ")", e);
        }
    }

    /** Columns first as rows first. */
    private static ByteBuffer rowMajor(ByteBuffer data, int[] shape, int bytes) {
        ByteBuffer target = ByteBuffer.allocate(data.capacity()).order(data.order());
        int[] at = new int[shape.length];
        for (int to = 0; to < data.capacity(); to += bytes) {
            int from = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                from = from * shape[axis] + at[axis];
            }
            target.put(to, data, from * bytes, bytes);
            for (int axis = shape.length - 1; axis >= 0 && ++at[axis] == shape[axis]; axis--) {
                at[axis] = 0;
            }
        }
        return target;
    }

    /** How its numbers were stored. */
    public StoredType type() {
        return type;
    }

    /** Its dimensions, outermost first; none for a single number. */
    public int[] shape() {
        return shape.clone();
    }

    /** Its numbers, row-major. */
    public float[] floats() {
        float[] values = new float[data.capacity() / type.bytes()];
        type.read(data, values, 0, values.length);
        return values;
    }

    /**
     * Its whole numbers, row-major.
     *
     * @throws IllegalArgumentException if it holds fractions, or numbers that are no int
     */
    public int[] ints() {
        int[] values = new int[data.capacity() / type.bytes()];
        for (int i = 0; i < values.length; i++) {
            double value = type.real(data, i * type.bytes());
            values[i] = (int) value;
            if (values[i] != value) {
                throw new IllegalArgumentException("expected whole numbers below 2^31, got " + value);
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return type + " " + Arrays.toString(shape);
    }
}
