package org.gatefold.contract;

import org.junit.jupiter.api.Nested;

/** The suite on plain Java. */
class ReferenceContractTest {
    private static final String NAME = "reference";

    @Nested
    class Recurrent extends RecurrentContract {
        Recurrent() {
            super(NAME, NAME);
        }
    }
}
