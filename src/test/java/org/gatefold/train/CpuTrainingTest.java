package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;

/** The training contract on the CPU, native where it can be loaded. */
class CpuTrainingTest extends TrainingContract {
    @Override
    @MustBeClosed
    Device open() {
        return Devices.named("cpu");
    }
}
