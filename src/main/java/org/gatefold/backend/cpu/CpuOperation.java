package org.gatefold.backend.cpu;

import org.gatefold.device.Operation;

/** What the operations of the native engine have in common: its name, and the engine, which their session owns. Thread-safe. */
abstract class CpuOperation implements Operation {
    final Engine engine;

    CpuOperation(Engine engine) {
        this.engine = engine;
    }

    @Override
    public final String name() {
        return CpuBackend.NAME;
    }
}
