package org.gatefold.backend.cuda.cudnn;

import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import org.gatefold.backend.cuda.driver.Addresses;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/**
 * cuDNN's own dropout between layers: owns a dropout descriptor. Its generator gets a seed once, which is expensive, and
 * goes on from there, so that masks depend on what ran before. One thread at a time.
 */
final class CudnnDropout implements AutoCloseable {
    private final cudnnDropoutDescriptor descriptor = new cudnnDropoutDescriptor();
    private final CudnnHandle handle;
    private final float probability;
    private boolean seeded;

    /** A descriptor without a generator, which is enough to ask for sizes. */
    CudnnDropout(CudnnHandle handle, float probability) {
        this.handle = handle;
        this.probability = probability;
        CudnnStatus.check("cudnnCreateDropoutDescriptor", JCudnn.cudnnCreateDropoutDescriptor(descriptor));
        try {
            set(new Pointer(), 0, 0);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Gives the generator its state and seed, the first time; afterwards nothing.
     *
     * @param scope for the state
     * @return true the first time
     */
    boolean seed(Scope scope, long seed) {
        if (seeded) {
            return false;
        }
        long[] bytes = new long[1];
        handle.call("cudnnDropoutGetStatesSize", h -> JCudnn.cudnnDropoutGetStatesSize(h, bytes));
        Tensor state = scope.bytes("state of cuDNN's dropout", bytes[0]);
        set(Addresses.pointer(state.address()), bytes[0], seed);
        seeded = true;
        return true;
    }

    private void set(Pointer state, long bytes, long seed) {
        handle.call(
                "cudnnSetDropoutDescriptor",
                h -> JCudnn.cudnnSetDropoutDescriptor(descriptor, h, probability, state, bytes, seed));
    }

    cudnnDropoutDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        CudnnStatus.check("cudnnDestroyDropoutDescriptor", JCudnn.cudnnDestroyDropoutDescriptor(descriptor));
    }
}
