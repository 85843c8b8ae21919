package org.gatefold.file;

import java.nio.ByteBuffer;
import java.util.Locale;

/** How numbers stand in files of tensors, by the names of the safetensors format; anything else is made of them as it is read. */
public enum StoredType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    U16(2),
    I16(2),
    F16(2),
    BF16(2),
    U32(4),
    I32(4),
    F32(4),
    U64(8),
    I64(8),
    F64(8);

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    /** What one number takes. */
    public int bytes() {
        return bytes;
    }

    /** Whether it holds whole numbers alone. */
    public boolean isInteger() {
        return switch (this) {
            case F8_E5M2, F8_E4M3, F16, BF16, F32, F64 -> false;
            default -> true;
        };
    }

    /** The number that begins at a byte of a buffer, in the buffer's order; whole numbers above 2^53 are rounded. */
    public double real(ByteBuffer buffer, int at) {
        return switch (this) {
            case F8_E5M2 -> half((buffer.get(at) & 0xff) << 8);
            case F8_E4M3 -> eighth(buffer.get(at) & 0xff);
            case F16 -> half(buffer.getShort(at) & 0xffff);
            case BF16 -> Float.intBitsToFloat((buffer.getShort(at) & 0xffff) << 16);
            case F32 -> buffer.getFloat(at);
            case F64 -> buffer.getDouble(at);
            case U64 -> unsigned(buffer.getLong(at));
            default -> integer(buffer, at);
        };
    }

    /**
     * The whole number that begins at a byte of a buffer, in the buffer's order.
     *
     * @throws IllegalArgumentException if the type has fractions
     */
    public long integer(ByteBuffer buffer, int at) {
        return switch (this) {
            case BOOL -> buffer.get(at) == 0 ? 0 : 1;
            case U8 -> buffer.get(at) & 0xff;
            case I8 -> buffer.get(at);
            case U16 -> buffer.getShort(at) & 0xffff;
            case I16 -> buffer.getShort(at);
            case U32 -> buffer.getInt(at) & 0xffff_ffffL;
            case I32 -> buffer.getInt(at);
            case U64, I64 -> buffer.getLong(at);
            default ->
                throw new IllegalArgumentException(
                        "type: expected one of whole numbers, got " + name().toLowerCase(Locale.ROOT));
        };
    }

    /**
     * Writes numbers to {@code target[from]} and following.
     *
     * @param bytes as many as the numbers take, from its position on, which stays where it is
     */
    public void read(ByteBuffer bytes, float[] target, int from, int count) {
        if (this == F32) {
            bytes.duplicate().order(bytes.order()).asFloatBuffer().get(target, from, count);
            return;
        }
        for (int i = 0, at = bytes.position(); i < count; i++, at += this.bytes) {
            target[from + i] = (float) real(bytes, at);
        }
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1 | (value & 1)) * 2.0;
    }

    /** IEEE 754 binary16. */
    private static float half(int bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | fraction << 13);
        }
        float size = exponent == 0
                ? fraction * 0x1p-24f
                : Float.intBitsToFloat((exponent + 127 - 15) << 23 | fraction << 13);
        return sign == 0 ? size : -size;
    }

    /** Four bits of exponent, three of fraction, no infinity (Micikevicius et al. 2022). */
    private static float eighth(int bits) {
        int exponent = bits >> 3 & 0xf;
        int fraction = bits & 7;
        float size;
        if (exponent == 0xf && fraction == 7) {
            size = Float.NaN;
        } else if (exponent == 0) {
            size = fraction * 0x1p-9f;
        } else {
            size = Math.scalb(1f + fraction / 8f, exponent - 7);
        }
        return bits < 0x80 ? size : -size;
    }
}
