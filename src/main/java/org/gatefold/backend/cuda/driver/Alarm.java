package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Trials;

/**
 * A word of the host's memory that a kernel sets where its blocks waited for each other in vain and gave up, and that is
 * looked at behind every wait for the device. Once it is set the device has failed: every thread is told so at every wait. The work of a
 * trial has a word of its own, which is forgotten when the trial ends. Thread-safe.
 */
public final class Alarm implements Trials, AutoCloseable {
    private static final int MAPPED = 2;
    private static final int EVERYONE = 0;
    private static final int TRIAL = Integer.BYTES;
    private static final int TOLD = -1;

    private final CudaContext context;
    private final Pointer pointer = new Pointer();
    private final ByteBuffer words;
    private final long address;
    private final String message;
    private final Consumer<String> raised;
    private final ReentrantLock trial = new ReentrantLock();

    /**
     * Of a context that is current.
     *
     * @param message what a raised alarm means
     * @param raised told of it once
     */
    Alarm(CudaContext context, String message, Consumer<String> raised) {
        this.context = context;
        this.message = message;
        this.raised = raised;
        CudaStatus.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, 2 * Integer.BYTES, MAPPED));
        Addresses.Allocation onDevice = new Addresses.Allocation();
        CudaStatus.check("cuMemHostGetDevicePointer", JCudaDriver.cuMemHostGetDevicePointer(onDevice, pointer, 0));
        address = onDevice.address();
        words = pointer.getByteBuffer(0, 2 * Integer.BYTES).order(ByteOrder.nativeOrder());
        words.putInt(EVERYONE, 0);
        words.putInt(TRIAL, 0);
    }

    /** Where a kernel that this thread submits raises it, by a positive number. */
    public long address() {
        return address + (trial.isHeldByCurrentThread() ? TRIAL : EVERYONE);
    }

    /** Throws if it was raised; comes behind a wait for the device. */
    void check() {
        check(EVERYONE);
        if (trial.isHeldByCurrentThread()) {
            check(TRIAL);
        }
    }

    private synchronized void check(int word) {
        int number = words.getInt(word);
        if (number == 0) {
            return;
        }
        if (number != TOLD) {
            words.putInt(word, TOLD);
            raised.accept(message);
        }
        throw new CudaException(message);
    }

    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    @SuppressWarnings("try") // closed, and no more
    public <T> T run(Supplier<T> work) {
        trial.lock();
        try (Ending ending = this::end) {
            return work.get();
        }
    }

    /** Forgets the trial's alarm when nothing can raise it any more. */
    private void end() {
        try {
            context.drain();
            words.putInt(TRIAL, 0);
        } finally {
            trial.unlock();
        }
    }

    @Override
    public void close() {
        CudaStatus.check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(pointer));
    }
}
