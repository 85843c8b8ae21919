package org.gatefold.contract;

import org.junit.jupiter.api.Nested;

/** The suite on the native engine, which {@code -Dgatefold.require=cpu.native} makes mandatory. */
class CpuNativeContractTest {
    private static final String DEVICE = "cpu";
    private static final String NAME = "cpu.native";

    @Nested
    class Recurrent extends RecurrentContract {
        Recurrent() {
            super(DEVICE, NAME);
        }
    }
}
