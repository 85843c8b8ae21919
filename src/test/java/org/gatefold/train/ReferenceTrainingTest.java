package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;

/** The training contract on plain Java. */
class ReferenceTrainingTest extends TrainingContract {
    @Override
    @MustBeClosed
    Device open() {
        return Devices.named("reference");
    }
}
