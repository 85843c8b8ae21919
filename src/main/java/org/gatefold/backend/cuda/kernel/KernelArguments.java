package org.gatefold.backend.cuda.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import org.gatefold.tensor.Tensor;

/** The arguments of one launch, in the order of the kernel's parameters. */
public final class KernelArguments {
    private final List<Pointer> list = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    private KernelArguments() {}

    public static KernelArguments of() {
        return new KernelArguments();
    }

    /** A device address; null becomes 0. */
    public KernelArguments tensor(Tensor tensor) {
        return address(tensor == null ? 0 : tensor.address());
    }

    /** A device address. */
    public KernelArguments address(long address) {
        long[] one = {address};
        values.add(one);
        list.add(Pointer.to(one));
        return this;
    }

    public KernelArguments i64(long value) {
        long[] one = {value};
        values.add(one);
        list.add(Pointer.to(one));
        return this;
    }

    public KernelArguments i32(int value) {
        int[] one = {value};
        values.add(one);
        list.add(Pointer.to(one));
        return this;
    }

    public KernelArguments f32(float value) {
        float[] one = {value};
        values.add(one);
        list.add(Pointer.to(one));
        return this;
    }

    public KernelArguments f64(double value) {
        double[] one = {value};
        values.add(one);
        list.add(Pointer.to(one));
        return this;
    }

    /** A structure of 32-bit integers. */
    KernelArguments ints(int... fields) {
        values.add(fields);
        list.add(Pointer.to(fields));
        return this;
    }

    /** A structure, laid out as in C++. */
    public KernelArguments struct(ByteBuffer bytes) {
        values.add(bytes);
        list.add(Pointer.to(bytes));
        return this;
    }

    /** Room for a structure, in native byte order. */
    public static ByteBuffer room(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** All arguments, byte by byte. */
    ByteBuffer values() {
        ByteBuffer all = ByteBuffer.allocate(
                values.stream().mapToInt(KernelArguments::size).sum());
        for (Object value : values) {
            if (value instanceof long[] longs) {
                all.putLong(longs[0]);
            } else if (value instanceof float[] floats) {
                all.putInt(Float.floatToRawIntBits(floats[0]));
            } else if (value instanceof double[] doubles) {
                all.putLong(Double.doubleToRawLongBits(doubles[0]));
            } else if (value instanceof int[] ints) {
                for (int word : ints) {
                    all.putInt(word);
                }
            } else {
                all.put(((ByteBuffer) value).duplicate().clear());
            }
        }
        return all.flip();
    }

    private static int size(Object value) {
        if (value instanceof int[] ints) {
            return ints.length * Integer.BYTES;
        }
        if (value instanceof ByteBuffer bytes) {
            return bytes.capacity();
        }
        return value instanceof float[] ? Float.BYTES : Long.BYTES;
    }

    Pointer pointers() {
        return Pointer.to(list.toArray(NativePointerObject[]::new));
    }
}
