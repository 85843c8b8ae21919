package org.gatefold.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A native engine: worker threads and the code path of one instruction set.
 *
 * <p>Owned by a session, which closes it; the engine goes when the last call in progress has left it. Thread-safe.
 */
final class Engine {
    /** Caps the instruction set, as the environment variable GATEFOLD_ISA does. */
    static final String ISA_PROPERTY = "gatefold.isa";

    private static final long CLOSED = 1L << 62;

    private final long handle;
    private final int threads;
    private final String isa;

    /** Calls in progress, plus {@link #CLOSED} once closed. */
    private final AtomicLong users = new AtomicLong();

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

    /** The handle for one call, which ends with {@link #leave()}. */
    long enter() {
        if (users.getAndIncrement() >= CLOSED) {
            leave();
            throw new IllegalStateException("device cpu is closed");
        }
        return handle;
    }

    void leave() {
        if (users.decrementAndGet() == CLOSED) {
            destroy();
        }
    }

    /** Lets no further call in. */
    void close() {
        long before = users.getAndUpdate(n -> n >= CLOSED ? n : n + CLOSED);
        if (before == 0) {
            destroy();
        }
    }

    private void destroy() {
        // Whoever comes first: a refused enter() may touch the count while it stands at CLOSED.
        if (destroyed.compareAndSet(false, true)) {
            NativeLibrary.destroyEngine(handle);
        }
    }

    /** A call into the library. */
    interface Call {
        int run(long engine);
    }

    /** Runs one call while the engine is held open and checks its status. */
    void run(String name, Call call) {
        long engine = enter();
        int status;
        try {
            status = call.run(engine);
        } finally {
            leave();
        }
        NativeLibrary.check(name, status);
    }
}
