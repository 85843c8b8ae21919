package org.gatefold.contract;

import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/**
 * The suite on {@code cuda.steps}, {@code cuda.fused} and the operations beside them: on the simulated device, or on a card
 * where the simulator is switched off. {@code -Dgatefold.require=cuda.steps,cuda.fused,cuda} makes it mandatory.
 */
@Implementation(device = "cuda:0", name = "cuda")
class CudaContractTest {
    @Nested
    @Implementation(device = "cuda:0", name = "cuda.steps")
    class Recurrent extends RecurrentContract {
        @Override
        boolean recomputesToTheBit() {
            return false;
        }

        @Override
        boolean mayDecline(RecurrentSpec spec) {
            return super.mayDecline(spec) || !spec.options().isPlainButForCellClip();
        }
    }

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.fused")
    class Fused extends RecurrentContract {
        @Override
        boolean mayDecline(RecurrentSpec spec) {
            return spec.cell() != Cell.LSTM || !spec.options().isPlainButForCellClip();
        }

        @Override
        boolean recomputesToTheBit() {
            return false;
        }
    }

    @Nested
    class Linear extends LinearContract {}

    @Nested
    class Elementwise extends ElementwiseContract {}

    @Nested
    class Sequence extends SequenceContract {}

    @Nested
    class Softmax extends SoftmaxContract {}

    @Nested
    class Embedding extends EmbeddingContract {}

    @Nested
    class Norm extends NormContract {}

    @Nested
    class Loss extends LossContract {}

    @Nested
    class Optimizer extends OptimizerContract {}

    @Nested
    class Memory extends MemoryContract {}
}
