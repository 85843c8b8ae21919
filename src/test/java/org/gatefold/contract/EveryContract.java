package org.gatefold.contract;

import org.junit.jupiter.api.Nested;

/**
 * The suites that every backend passes alike. A test class of a backend extends this, names the implementation of them all
 * by {@link Implementation} and has a suite of recurrent layers of its own, which may decline.
 */
abstract class EveryContract {
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
    class Convolution extends ConvolutionContract {}

    @Nested
    class Pooling extends PoolingContract {}

    @Nested
    class Crf extends CrfContract {}

    @Nested
    class Attention extends AttentionContract {}

    @Nested
    class Loss extends LossContract {}

    @Nested
    class Ctc extends CtcContract {}

    @Nested
    class PointwiseLoss extends PointwiseLossContract {}

    @Nested
    class Optimizer extends OptimizerContract {}

    @Nested
    class Memory extends MemoryContract {}
}
