package org.gatefold.cli;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import picocli.CommandLine.Option;

/** The options that choose a device; mixed into commands. */
final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "cpu, cuda:0, … as 'gatefold devices' lists them; the best one by default.")
    private String device;

    @Option(names = "--threads", paramLabel = "N", description = "Threads on the CPU; all processors by default.")
    private Integer threads;

    @MustBeClosed
    Device open() {
        if (device == null && threads == null) {
            return Devices.best();
        }
        DeviceOptions options = threads == null ? DeviceOptions.defaults() : new DeviceOptions(threads);
        return Devices.named(device == null ? "cpu" : device, options);
    }
}
