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

    @Nested
    class Linear extends LinearContract {
        Linear() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Elementwise extends ElementwiseContract {
        Elementwise() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Sequence extends SequenceContract {
        Sequence() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Softmax extends SoftmaxContract {
        Softmax() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Loss extends LossContract {
        Loss() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Optimizer extends OptimizerContract {
        Optimizer() {
            super(NAME, NAME);
        }
    }

    @Nested
    class Memory extends MemoryContract {
        Memory() {
            super(NAME, NAME);
        }
    }
}
