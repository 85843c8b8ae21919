package org.gatefold.contract;

import org.gatefold.contract.recurrent.RecurrentContract;
import org.junit.jupiter.api.Nested;

/** The suite on plain Java. */
@Implementation(device = "reference", name = "reference")
class ReferenceContractTest extends EveryContract {
    @Nested
    class Recurrent extends RecurrentContract {}
}
