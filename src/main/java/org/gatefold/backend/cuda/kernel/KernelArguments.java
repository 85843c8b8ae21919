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
    private final List<ByteBuffer> list = new ArrayList<>();

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
        return i64(address);
    }

    public KernelArguments i64(long value) {
        return struct(words(Long.BYTES).putLong(0, value));
    }

    public KernelArguments i32(int value) {
        return ints(value);
    }

    public KernelArguments f32(float value) {
        return struct(words(Float.BYTES).putFloat(0, value));
    }

    public KernelArguments f64(double value) {
        return struct(words(Double.BYTES).putDouble(0, value));
    }

    /** A structure of 32-bit integers. */
    KernelArguments ints(int... fields) {
        ByteBuffer bytes = words(fields.length * Integer.BYTES);
        bytes.asIntBuffer().put(fields);
        return struct(bytes);
    }

    private static ByteBuffer words(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    /** A structure, laid out as in C++. */
    public KernelArguments struct(ByteBuffer bytes) {
        list.add(bytes);
        return this;
    }

    /** Room for a structure, in native byte order. */
    public static ByteBuffer room(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** All arguments, byte by byte. */
    ByteBuffer values() {
        ByteBuffer all =
                ByteBuffer.allocate(list.stream().mapToInt(ByteBuffer::capacity).sum());
        list.forEach(bytes -> all.put(bytes.duplicate().clear()));
        return all.flip();
    }

    Pointer pointers() {
        return Pointer.to(list.stream().map(Pointer::to).toArray(NativePointerObject[]::new));
    }
}
