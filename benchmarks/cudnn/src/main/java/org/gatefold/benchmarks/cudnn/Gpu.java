package org.gatefold.benchmarks.cudnn;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.cudaStream_t;
import org.gatefold.backend.cuda.library.CudaLibraries;

/** A GPU with a stream, two events to time it, and memory, all given back on close. For one thread. */
final class Gpu implements AutoCloseable {
    private static final int NON_BLOCKING = 1;

    private final CUdevice device = new CUdevice();
    private final CUstream stream = new CUstream();
    private final CUevent begin = new CUevent();
    private final CUevent end = new CUevent();
    private final List<CUdeviceptr> allocations = new ArrayList<>();
    private long bytes;

    /** @param name such as {@code cuda:0} */
    Gpu(String name) {
        require(CudaLibraries.load());
        Status.cuda("cuInit", JCudaDriver.cuInit(0));
        int ordinal = Integer.parseInt(name.substring(name.indexOf(':') + 1));
        Status.cuda("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
        CUcontext context = new CUcontext();
        Status.cuda("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        Status.cuda("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
        Status.cuda("cuStreamCreate", JCudaDriver.cuStreamCreate(stream, NON_BLOCKING));
        Status.cuda("cuEventCreate", JCudaDriver.cuEventCreate(begin, 0));
        Status.cuda("cuEventCreate", JCudaDriver.cuEventCreate(end, 0));
    }

    /** Throws with the reason, if there is one. */
    static void require(Optional<String> missing) {
        if (missing.isPresent()) {
            throw new IllegalStateException(missing.get());
        }
    }

    /** Memory whose contents are undefined; a null pointer for none. */
    CUdeviceptr allocate(long size) {
        CUdeviceptr pointer = new CUdeviceptr();
        if (size > 0) {
            Status.cuda("cuMemAlloc", JCudaDriver.cuMemAlloc(pointer, size));
            allocations.add(pointer);
            bytes += size;
        }
        return pointer;
    }

    /** Memory with these contents. */
    CUdeviceptr allocate(byte[] contents) {
        CUdeviceptr pointer = allocate(contents.length);
        write(pointer, 0, contents);
        return pointer;
    }

    void write(CUdeviceptr to, long offset, byte[] contents) {
        Status.cuda(
                "cuMemcpyHtoD",
                JCudaDriver.cuMemcpyHtoD(to.withByteOffset(offset), Pointer.to(contents), contents.length));
    }

    byte[] read(CUdeviceptr from, long offset, int size) {
        byte[] contents = new byte[size];
        Status.cuda("cuMemcpyDtoH", JCudaDriver.cuMemcpyDtoH(Pointer.to(contents), from.withByteOffset(offset), size));
        return contents;
    }

    /** Sets memory to zeros, in the order of the stream. */
    void clear(CUdeviceptr pointer, long size) {
        Status.cuda("cuMemsetD8Async", JCudaDriver.cuMemsetD8Async(pointer, (byte) 0, size, stream));
    }

    cudaStream_t stream() {
        return new cudaStream_t(stream);
    }

    void synchronize() {
        Status.cuda("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
    }

    /** Time of so many passes in a row, by events, in nanoseconds; {@code pass} submits one. */
    double nanos(Runnable pass, int passes) {
        Status.cuda("cuEventRecord", JCudaDriver.cuEventRecord(begin, stream));
        for (int i = 0; i < passes; i++) {
            pass.run();
        }
        Status.cuda("cuEventRecord", JCudaDriver.cuEventRecord(end, stream));
        Status.cuda("cuEventSynchronize", JCudaDriver.cuEventSynchronize(end));
        float[] millis = new float[1];
        Status.cuda("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(millis, begin, end));
        return millis[0] * 1e6;
    }

    /** Of all allocations. */
    long bytes() {
        return bytes;
    }

    String description() {
        byte[] text = new byte[256];
        Status.cuda("cuDeviceGetName", JCudaDriver.cuDeviceGetName(text, text.length, device));
        return new String(text, StandardCharsets.UTF_8).split("\0", 2)[0];
    }

    @Override
    public void close() {
        synchronize();
        for (CUdeviceptr pointer : allocations) {
            Status.cuda("cuMemFree", JCudaDriver.cuMemFree(pointer));
        }
        Status.cuda("cuEventDestroy", JCudaDriver.cuEventDestroy(begin));
        Status.cuda("cuEventDestroy", JCudaDriver.cuEventDestroy(end));
        Status.cuda("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
        Status.cuda("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
    }
}
