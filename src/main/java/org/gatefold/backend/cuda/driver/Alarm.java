package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * A word of the host's memory that a kernel sets where its blocks waited for each other in vain and gave up, and that is
 * looked at behind every wait for the device. Thread-safe.
 */
public final class Alarm implements AutoCloseable {
    private static final int MAPPED = 2;

    private final Pointer pointer = new Pointer();
    private final ByteBuffer word;
    private final long address;
    private final String message;
    private final Consumer<String> raised;

    /**
     * Of a context that is current.
     *
     * @param message what a raised alarm means
     * @param raised told of it
     */
    Alarm(String message, Consumer<String> raised) {
        this.message = message;
        this.raised = raised;
        CudaStatus.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, Integer.BYTES, MAPPED));
        Addresses.Allocation onDevice = new Addresses.Allocation();
        CudaStatus.check("cuMemHostGetDevicePointer", JCudaDriver.cuMemHostGetDevicePointer(onDevice, pointer, 0));
        address = onDevice.address();
        word = pointer.getByteBuffer(0, Integer.BYTES).order(ByteOrder.nativeOrder());
        word.putInt(0, 0);
    }

    /** Where a kernel raises it, by a number that is not 0. */
    public long address() {
        return address;
    }

    /** Throws once if it was raised; comes behind a wait for the device. */
    synchronized void check() {
        if (word.getInt(0) == 0) {
            return;
        }
        word.putInt(0, 0);
        raised.accept(message);
        throw new CudaException(message);
    }

    @Override
    public void close() {
        CudaStatus.check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(pointer));
    }
}
