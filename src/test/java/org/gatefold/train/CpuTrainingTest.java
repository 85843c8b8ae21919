package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.op.recurrent.RecurrentOp;

/** The training contract on the native CPU engine. */
class CpuTrainingTest extends TrainingContract {
    @Override
    @MustBeClosed
    Device open() {
        return Subject.open("cpu", "cpu.native", RecurrentOp.class).device();
    }
}
