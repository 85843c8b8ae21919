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

    @Nested
    class Linear extends LinearContract {
        Linear() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Elementwise extends ElementwiseContract {
        Elementwise() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Sequence extends SequenceContract {
        Sequence() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Softmax extends SoftmaxContract {
        Softmax() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Loss extends LossContract {
        Loss() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Optimizer extends OptimizerContract {
        Optimizer() {
            super(DEVICE, NAME);
        }
    }

    @Nested
    class Memory extends MemoryContract {
        Memory() {
            super(DEVICE, NAME);
        }
    }
}
