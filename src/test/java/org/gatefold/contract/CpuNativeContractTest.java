package org.gatefold.contract;

import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/** The suite on the native engine, which {@code -Dgatefold.require=cpu.native} makes mandatory. */
@Implementation(device = "cpu", name = "cpu.native")
class CpuNativeContractTest {
    @Nested
    class Recurrent extends RecurrentContract {
        @Override
        boolean mayDecline(RecurrentSpec spec) {
            return super.mayDecline(spec) || !spec.options().isPlainButForCellClip();
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
