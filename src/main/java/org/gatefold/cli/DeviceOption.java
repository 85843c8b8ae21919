package org.gatefold.cli;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceGroup;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import picocli.CommandLine.Option;

/** The options that choose a device; mixed into commands. */
final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            description =
                    "cpu, cuda:0, … as 'gatefold devices' lists them; the best one by default. Training takes several of one kind:"
                            + " cuda:0,cuda:1 or cuda:all.")
    private String device;

    @Option(names = "--threads", paramLabel = "N", description = "Threads on the CPU; all processors by default.")
    private Integer threads;

    @MustBeClosed
    Device open() {
        if (device == null && threads == null) {
            return Devices.best();
        }
        return Devices.named(device == null ? "cpu" : device, options());
    }

    /** The devices that train together, usually one. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the group closes it
    DeviceGroup openAll() {
        if (device == null) {
            return DeviceGroup.of(open());
        }
        return Devices.group(List.of(device.split(",", -1)), options());
    }

    private DeviceOptions options() {
        return threads == null ? DeviceOptions.defaults() : new DeviceOptions(threads);
    }
}
