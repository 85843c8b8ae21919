package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceGroup;
import org.gatefold.device.Devices;
import org.junit.jupiter.api.Test;

class CpuDevicesTest extends DevicesContract {
    @Override
    @SuppressWarnings("MustBeClosedChecker") // the contract closes them
    List<Device> open() {
        return List.of(Devices.cpu(1), Devices.cpu(1), Devices.cpu(1));
    }

    @Test
    void devicesAreOfOneKind() {
        try (Device cpu = Devices.cpu(1);
                Device reference = Devices.named("reference")) {
            assertThatThrownBy(() -> DeviceGroup.require(List.of(cpu, reference)))
                    .hasMessage("devices: expected all of one kind, got cpu and reference");
        }
    }
}
