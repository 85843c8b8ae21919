package org.gatefold.contract;

import org.gatefold.contract.recurrent.RecurrentContract;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/**
 * The suite on {@code cuda.steps}, {@code cuda.fused}, {@code cuda.persistent} and the operations beside them: on the
 * simulated device, or on a card where the simulator is switched off.
 * {@code -Dgatefold.require=cuda.steps,cuda.fused,cuda.persistent,cuda} makes it mandatory.
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

    @Nested
    @Implementation(device = "cuda:0", name = "cuda.fused")
    class Fused extends RecurrentContract {
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
    @Implementation(device = "cuda:0", name = "cuda.persistent")
    class Persistent extends RecurrentContract {
        @Override
        protected boolean mayDecline(RecurrentSpec spec) {
            return !spec.options().isPlainButForCellClip();
        }

        @Override
        protected boolean recomputesToTheBit() {
            return false;
        }
    }
}
