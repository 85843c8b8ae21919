package org.gatefold.backend.cuda.cudnn;

import java.util.function.ToIntFunction;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaException;

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

    CudaContext context() {
        return context;
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
        context.directly("cuDNN is not recorded");
        return call.applyAsInt(handle);
    }

    /**
     * Starts cuDNN, which may fail where its version and the driver's do not go together.
     *
     * @throws CudnnUnsupportedException if that is so: everything else works without it
     */
    private cudnnHandle create() {
        cudnnHandle made = new cudnnHandle();
        try {
            CudnnStatus.check("cudnnCreate", JCudnn.cudnnCreate(made));
        } catch (CudaException e) {
            throw new CudnnUnsupportedException(e.getMessage());
        }
        CudnnStatus.check("cudnnSetStream", JCudnn.cudnnSetStream(made, new cudaStream_t(context.stream())));
        return made;
    }

    @Override
    public synchronized void close() {
        if (handle != null) {
            context.drain();
            CudnnStatus.check("cudnnDestroy", JCudnn.cudnnDestroy(handle));
            handle = null;
        }
    }
}
