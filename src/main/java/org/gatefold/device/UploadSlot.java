package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;

/**
 * Tensors that the host writes while the device works on others: with two slots taken in turn, the inputs of one step are
 * copied while the step before computes. Where the device has no copies of that kind, writes are like all others.
 *
 * <p>For each filling: {@link #refill}, write tensors of the scope, {@link #ready}, submit the work that reads them,
 * {@link #release}. Owns the tensors; one thread at a time.
 */
public final class UploadSlot implements AutoCloseable {
    private final Optional<UploadMemory> memory;
    private final Scope scope;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    UploadSlot(Device device, String name, Optional<UploadMemory> memory, Memory otherwise) {
        this.memory = memory;
        this.scope = Scope.openOn(device, memory.isPresent() ? memory.get() : otherwise, name);
    }

    /** Drops the tensors of the filling before; writes to new ones wait, on the device, for the work that read those. */
    public Scope refill() {
        scope.reset();
        return scope;
    }

    /** Makes work submitted from here on wait, on the device, for what was written. */
    public void ready() {
        memory.ifPresent(UploadMemory::ready);
    }

    /** Says that the work which reads this filling has been submitted. */
    public void release() {
        memory.ifPresent(UploadMemory::release);
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        scope.close();
        memory.ifPresent(UploadMemory::close);
    }
}
