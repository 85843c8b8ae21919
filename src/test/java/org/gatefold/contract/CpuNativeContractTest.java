package org.gatefold.contract;

import org.gatefold.contract.recurrent.RecurrentContract;
import org.junit.jupiter.api.Nested;

/** The suite on the native engine, which {@code -Dgatefold.require=cpu.native} makes mandatory. */
@Implementation(device = "cpu", name = "cpu.native")
class CpuNativeContractTest extends EveryContract {
    @Nested
    class Recurrent extends RecurrentContract {}
}
