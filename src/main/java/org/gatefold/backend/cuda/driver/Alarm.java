package org.gatefold.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
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

    private final CudaContext context;
    private final Pointer pointer = new Pointer();
    private final ByteBuffer words;
    private final long address;
    private final List<String> names;
    private final Consumer<String> raised;
    private final ReentrantLock trial = new ReentrantLock();

    /**
     * Of a context that is current.
     *
     * @param names of those whose kernels raise it, each by its place in the list, counted from 1
     * @param raised told the name once
     */
    Alarm(CudaContext context, List<String> names, Consumer<String> raised) {
        this.context = context;
        this.names = List.copyOf(names);
        this.raised = raised;
        CudaStatus.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, 2 * Integer.BYTES, MAPPED));
        Addresses.Allocation onDevice = new Addresses.Allocation();
        CudaStatus.check("cuMemHostGetDevicePointer", JCudaDriver.cuMemHostGetDevicePointer(onDevice, pointer, 0));
        address = onDevice.address();
        words = pointer.getByteBuffer(0, 2 * Integer.BYTES).order(ByteOrder.nativeOrder());
        words.putInt(EVERYONE, 0);
        words.putInt(TRIAL, 0);
    }

    /** What it means that kernels raised it. */
    public static String meaning(String name) {
        return name + " gave up: blocks of a launch waited for each other for more than two"
                + " seconds, and what it computed since is wrong; it is not chosen on this card any more";
    }

    /** Where a kernel that this thread submits raises it, by its number. */
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
        String name = names.get(Math.abs(number) - 1);
        if (number > 0) {
            words.putInt(word, -number); // told
            raised.accept(name);
        }
        throw new CudaException(meaning(name));
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
