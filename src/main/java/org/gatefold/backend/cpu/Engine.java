package org.gatefold.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import org.gatefold.tensor.Lifetime;

/**
 * A native engine: worker threads and the code path of one instruction set.
 *
 * <p>Owned by a session, which closes it; that waits for calls in progress. Thread-safe.
 */
final class Engine {
    /** Caps the instruction set, as the environment variable GATEFOLD_ISA does. */
    static final String ISA_PROPERTY = "gatefold.isa";

    private final long handle;
    private final int threads;
    private final String isa;

    private final Lifetime lifetime = new Lifetime("device cpu", null);
    private final AtomicBoolean destroyed = new AtomicBoolean();

    private Engine(long handle) {
        this.handle = handle;
        this.threads = NativeLibrary.engineThreads(handle);
        this.isa = NativeLibrary.engineIsa(handle);
    }

    /**
     * Starts an engine.
     *
     * @throws IllegalArgumentException if the instruction set asked for is unknown or not there
     * @throws IllegalStateException if the library cannot be loaded, with the reason
     */
    static Engine start(int threads) {
        NativeLoader.failure().ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
        String isa = System.getProperty(ISA_PROPERTY, "").trim();
        long[] handle = new long[1];
        int status = NativeLibrary.createEngine(threads, isa, handle);
        if (status == NativeLibrary.UNKNOWN_ISA || status == NativeLibrary.ISA_UNAVAILABLE) {
            String from = isa.isEmpty() ? "GATEFOLD_ISA" : "-D" + ISA_PROPERTY;
            String asked = isa.isEmpty() ? System.getenv("GATEFOLD_ISA") : isa;
            throw new IllegalArgumentException(from + " is '" + asked + "': " + NativeLibrary.statusName(status));
        }
        NativeLibrary.check("start of the engine with " + threads + " threads", status);
        return new Engine(handle[0]);
    }

    int threads() {
        return threads;
    }

    /** {@code "amx"}, {@code "avx512bf16"}, {@code "avx512"}, {@code "avx2"} or {@code "generic"}. */
    String isa() {
        return isa;
    }

    /**
     * The handle, valid till the end of the {@link org.gatefold.tensor.Call} that the thread is in.
     *
     * @throws IllegalStateException if the engine is closed
     */
    long handle() {
        lifetime.requireRoot();
        return handle;
    }

    /** How long it may be used; the device that has it ends this before it closes the engine. */
    Lifetime lifetime() {
        return lifetime;
    }

    /** Lets no further call in and ends the engine when those in progress are over. */
    void close() {
        lifetime.end(() -> {});
        if (destroyed.compareAndSet(false, true)) {
            NativeLibrary.destroyEngine(handle);
        }
    }

    /** A function of the library, by the engine's handle. */
    interface Function {
        int call(long engine);
    }

    /** Calls a function within the call that the thread is in, and checks its status. */
    void run(String name, Function function) {
        NativeLibrary.check(name, function.call(handle()));
    }
}
