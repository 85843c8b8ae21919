package org.gatefold.contract;

import org.junit.jupiter.api.Nested;

/** The suite on plain Java. */
@Implementation(device = "reference", name = "reference")
class ReferenceContractTest {
    @Nested
    class Recurrent extends RecurrentContract {}

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
