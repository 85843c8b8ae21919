package org.gatefold.backend.cuda;

import java.util.function.ToIntFunction;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/**
 * The handle of cuDNN on one device, made when it is first used, since that takes a while; its work goes to the device's
 * stream. Thread-safe: one call is made at a time, as a handle wants it.
 */
final class CudnnHandle implements AutoCloseable {
    private final CudaContext context;
    private cudnnHandle handle;

    CudnnHandle(CudaContext context) {
        this.context = context;
    }

    /** Makes a call and checks its status. */
    void call(String name, ToIntFunction<cudnnHandle> call) {
        CudnnStatus.check(name, ask(call));
    }

    /** Makes a call and gives its status. */
    synchronized int ask(ToIntFunction<cudnnHandle> call) {
        context.enter();
        if (handle == null) {
            handle = create();
        }
        return call.applyAsInt(handle);
    }

    private cudnnHandle create() {
        cudnnHandle made = new cudnnHandle();
        CudnnStatus.check("cudnnCreate", JCudnn.cudnnCreate(made));
        CudnnStatus.check("cudnnSetStream", JCudnn.cudnnSetStream(made, new cudaStream_t(context.stream())));
        return made;
    }

    @Override
    public synchronized void close() {
        if (handle != null) {
            context.synchronize();
            CudnnStatus.check("cudnnDestroy", JCudnn.cudnnDestroy(handle));
            handle = null;
        }
    }
}
