package org.gatefold.contract;

import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/**
 * The suite on {@code cuda.steps}, {@code cuda.fused} and the operations beside them: on the simulated device, or on a card where the simulator is switched off.
 * {@code -Dgatefold.require=cuda.steps,cuda.fused,cuda} makes it mandatory.
 */
class CudaContractTest {
    private static final String DEVICE = "cuda:0";
    private static final String RECURRENT = "cuda.steps";
    private static final String FUSED = "cuda.fused";
    private static final String NAME = "cuda";

    @Nested
    class Recurrent extends RecurrentContract {
        Recurrent() {
            super(DEVICE, RECURRENT);
        }

        @Override
        boolean recomputesToTheBit() {
            return false;
        }
    }

    @Nested
    class Fused extends RecurrentContract {
        Fused() {
            super(DEVICE, FUSED);
        }

        @Override
        boolean mayDecline(RecurrentSpec spec) {
            return spec.cell() != Cell.LSTM;
        }

        @Override
        boolean recomputesToTheBit() {
            return false;
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
