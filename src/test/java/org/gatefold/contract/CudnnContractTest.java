package org.gatefold.contract;

import org.gatefold.contract.recurrent.RecurrentContract;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Nested;

/**
 * The suite on {@code cuda.cudnn}: on the simulated device, or on a card where the simulator is switched off.
 * {@code -Dgatefold.require=cuda.cudnn} makes it mandatory.
 */
@Implementation(device = "cuda:0", name = "cuda.cudnn")
public class CudnnContractTest {
    @Nested
    class Recurrent extends RecurrentContract {
        /** What cuDNN has no way to do as the contract wants it, beside other precisions. */
        @Override
        protected boolean mayDecline(RecurrentSpec spec) {
            CellOptions options = spec.options();
            return spec.precision() != Precision.F32
                    || spec.recomputeSegment() > 0
                    || (options.projection() > 0 && options.skipInput())
                    || !options.withProjection(0).withSkipInput(false).equals(CellOptions.PLAIN);
        }
    }

    @Nested
    class Softmax extends SoftmaxContract {}
}
