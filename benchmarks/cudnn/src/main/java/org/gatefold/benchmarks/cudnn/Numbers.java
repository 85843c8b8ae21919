package org.gatefold.benchmarks.cudnn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.cudaDataType;
import jcuda.jcudnn.cudnnDataType;
import org.gatefold.benchmarks.contract.Placement;

/** How numbers of a precision stand in memory; from and to floats, rounded to the nearest, ties to even. */
enum Numbers {
    F32(Float.BYTES, cudnnDataType.CUDNN_DATA_FLOAT, cudaDataType.CUDA_R_32F),
    F16(Short.BYTES, cudnnDataType.CUDNN_DATA_HALF, cudaDataType.CUDA_R_16F),
    BF16(Short.BYTES, cudnnDataType.CUDNN_DATA_BFLOAT16, cudaDataType.CUDA_R_16BF);

    private final int bytes;
    private final int cudnnType;
    private final int cudaType;

    Numbers(int bytes, int cudnnType, int cudaType) {
        this.bytes = bytes;
        this.cudnnType = cudnnType;
        this.cudaType = cudaType;
    }

    static Numbers of(Placement.Precision precision) {
        return switch (precision) {
            case F32, TF32 -> F32;
            case F16 -> F16;
            case BF16 -> BF16;
        };
    }

    int bytes() {
        return bytes;
    }

    int cudnnType() {
        return cudnnType;
    }

    int cudaType() {
        return cudaType;
    }

    byte[] encode(float[] values, int from, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(count * bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < from + count; i++) {
            switch (this) {
                case F32 -> buffer.putFloat(values[i]);
                case F16 -> buffer.putShort(toHalf(values[i]));
                case BF16 -> buffer.putShort(toBfloat(values[i]));
            }
        }
        return buffer.array();
    }

    byte[] encode(float[] values) {
        return encode(values, 0, values.length);
    }

    float[] decode(byte[] encoded) {
        ByteBuffer buffer = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[encoded.length / bytes];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (this) {
                case F32 -> buffer.getFloat();
                case F16 -> fromHalf(buffer.getShort());
                case BF16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            };
        }
        return values;
    }

    private static short toBfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (Float.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    private static short toHalf(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        float size = Math.abs(value);
        if (!(size < 65520f)) {
            return (short) (sign | (Float.isNaN(value) ? 0x7e00 : 0x7c00));
        }
        if (size < 0x1p-14f) {
            // Multiples of the smallest number, which the largest of them rounded up to is the first normal one.
            return (short) (sign | (int) Math.rint(size * 0x1p24));
        }
        int bits = Float.floatToRawIntBits(size) - (112 << 23);
        return (short) (sign | (bits + 0xfff + (bits >>> 13 & 1)) >>> 13);
    }

    private static float fromHalf(short half) {
        int exponent = half >>> 10 & 0x1f;
        int fraction = half & 0x3ff;
        float size = exponent == 0
                ? fraction * 0x1p-24f
                : Float.intBitsToFloat((exponent == 0x1f ? 0xff : exponent + 112) << 23 | fraction << 13);
        return half < 0 ? -size : size;
    }
}
