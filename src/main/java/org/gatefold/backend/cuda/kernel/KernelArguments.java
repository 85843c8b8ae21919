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
        list.add(Pointer.to(new long[] {address}));
        return this;
    }

    public KernelArguments i64(long value) {
        list.add(Pointer.to(new long[] {value}));
        return this;
    }

    public KernelArguments i32(int value) {
        list.add(Pointer.to(new int[] {value}));
        return this;
    }

    public KernelArguments f32(float value) {
        list.add(Pointer.to(new float[] {value}));
        return this;
    }

    public KernelArguments f64(double value) {
        list.add(Pointer.to(new double[] {value}));
        return this;
    }

    /** A structure of 32-bit integers. */
    KernelArguments ints(int... fields) {
        list.add(Pointer.to(fields));
        return this;
    }

    /** A structure, laid out as in C++. */
    public KernelArguments struct(ByteBuffer bytes) {
        list.add(Pointer.to(bytes));
        return this;
    }

    /** Room for a structure, in native byte order. */
    public static ByteBuffer room(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    Pointer pointers() {
        return Pointer.to(list.toArray(NativePointerObject[]::new));
    }
}
