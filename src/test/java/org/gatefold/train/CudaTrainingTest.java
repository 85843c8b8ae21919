package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.BeforeAll;

/** The training contract on the CUDA engine: on the simulated device where that is built, else on a card. */
class CudaTrainingTest extends TrainingContract {
    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @Override
    @MustBeClosed
    Device open() {
        return Subject.open("cuda:0", "cuda.steps", RecurrentOp.class).device();
    }
}
