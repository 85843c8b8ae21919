package org.gatefold.train.parallel;

import java.nio.ByteBuffer;

/** As what numbers go from worker to worker; in big-endian order. */
public enum Wire {
    F32(Float.BYTES) {
        @Override
        float rounded(float value) {
            return value;
        }

        @Override
        void put(ByteBuffer buffer, float[] values, int from, int count) {
            buffer.asFloatBuffer().put(values, from, count);
            buffer.position(buffer.position() + count * bytes());
        }

        @Override
        void get(ByteBuffer buffer, float[] values, int from, int count) {
            buffer.asFloatBuffer().get(values, from, count);
            buffer.position(buffer.position() + count * bytes());
        }
    },

    /** The upper half of binary32, rounded to nearest, ties to even. */
    BF16(Short.BYTES) {
        @Override
        float rounded(float value) {
            if (Float.isNaN(value)) {
                return Float.NaN;
            }
            int bits = Float.floatToRawIntBits(value);
            int odd = (bits >>> 16) & 1;
            return Float.intBitsToFloat((bits + 0x7FFF + odd) & 0xFFFF0000);
        }

        @Override
        void put(ByteBuffer buffer, float[] values, int from, int count) {
            for (int i = from; i < from + count; i++) {
                values[i] = rounded(values[i]);
                buffer.putShort((short) (Float.floatToRawIntBits(values[i]) >>> 16));
            }
        }

        @Override
        void get(ByteBuffer buffer, float[] values, int from, int count) {
            for (int i = from; i < from + count; i++) {
                values[i] = Float.intBitsToFloat(buffer.getShort() << 16);
            }
        }
    };

    private final int bytes;

    Wire(int bytes) {
        this.bytes = bytes;
    }

    /** Of a number. */
    int bytes() {
        return bytes;
    }

    /** The number that arrives where one is sent. */
    abstract float rounded(float value);

    /** Appends numbers, and puts what arrives in their place. */
    abstract void put(ByteBuffer buffer, float[] values, int from, int count);

    /** Takes numbers. */
    abstract void get(ByteBuffer buffer, float[] values, int from, int count);
}
