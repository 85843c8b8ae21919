package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Optional;
import java.util.function.Consumer;
import org.gatefold.tensor.Call;

/**
 * Tensors that the host writes while the device works on others: with two slots taken in turn, the inputs of one step are
 * copied while the step before computes. Where the device has no copies of that kind, writes are like all others.
 *
 * <p>For each filling: {@link #refill}, write tensors of the scope, {@link #send}, {@link #ready}, submit the work that reads them,
 * {@link #release}. Owns the tensors; one thread at a time.
 */
public final class UploadSlot implements AutoCloseable {
    private final Optional<UploadMemory> memory;
    private final Scope owner;
    private final Scope scope;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    UploadSlot(Device device, String name, Optional<UploadMemory> memory, Memory otherwise) {
        this.memory = memory;
        this.owner = Scope.openOn(device, memory.isPresent() ? memory.get() : otherwise, name);
        memory.ifPresent(owner::own);
        this.scope = owner.child("filling");
    }

    /** Drops the tensors of the filling before; writes to new ones wait, on the device, for the work that read those. */
    public Scope refill() {
        scope.reset();
        return scope;
    }

    /** Says that the filling is complete, so that it can be copied; {@link #ready} does so otherwise. */
    public void send() {
        submit(UploadMemory::send);
    }

    /** Makes work submitted from here on wait, on the device, for what was written. */
    public void ready() {
        submit(UploadMemory::ready);
    }

    /** Says that the work which reads this filling has been submitted. */
    public void release() {
        submit(UploadMemory::release);
    }

    private void submit(Consumer<UploadMemory> event) {
        if (memory.isPresent()) {
            Call call = Call.begin();
            try {
                owner.requireOpen();
                event.accept(memory.get());
            } finally {
                call.end();
            }
        }
    }

    /** Frees the tensors. */
    @Override
    public void close() {
        owner.close();
    }
}
