package org.gatefold.contract;

import org.gatefold.contract.recurrent.RecurrentContract;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/**
 * The suite on {@code cuda.steps}, {@code cuda.fused}, {@code cuda.fused.tf32x3}, {@code cuda.persistent}, {@code cuda.cluster}
 * and the operations beside them: on the simulated device, or on a card where the simulator is switched off.
 * {@code -Dgatefold.require=cuda.steps,cuda.fused,cuda.fused.tf32x3,cuda.persistent,cuda.cluster,cuda} makes it mandatory.
 */
@Implementation(device = "cuda:0", name = "cuda")
class CudaContractTest extends EveryContract {
    @Nested
    @Implementation(device = "cuda:0", name = "cuda.steps")
    class Recurrent extends RecurrentContract {
        @Override
        protected boolean recomputesToTheBit() {
            return false;
        }
    }

    /** What runs plain cells with product and gates in one kernel. */
    private abstract static class PlainCells extends RecurrentContract {
        @Override
        protected boolean mayDecline(RecurrentSpec spec) {
            return !spec.options().isPlainButForCellClip();
        }

        @Override
        protected boolean recomputesToTheBit() {
            return false;
        }
    }

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.fused")
    class Fused extends PlainCells {}

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.fused.tf32x3")
    class FusedInParts extends PlainCells {
        @Override
        protected boolean mayDecline(RecurrentSpec spec) {
            return super.mayDecline(spec) || spec.precision() != Precision.F32 || before80();
        }

        /** Devices before 8.0 have no TF32. */
        private boolean before80() {
            return subject.device().description().matches(".*compute capability 7\\..*");
        }
    }

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.persistent")
    class Persistent extends PlainCells {}

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.cluster")
    class Clusters extends PlainCells {
        /** Devices before 9.0 have no clusters. */
        @Override
        protected boolean mayDecline(RecurrentSpec spec) {
            return super.mayDecline(spec) || subject.device().description().matches(".*compute capability [78]\\..*");
        }
    }
}
