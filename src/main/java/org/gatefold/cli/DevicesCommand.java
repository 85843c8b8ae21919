package org.gatefold.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.gatefold.cli.output.Table;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.Devices;
import org.gatefold.op.recurrent.RecurrentOp;
import picocli.CommandLine.Command;

/** {@code gatefold devices}: what this machine can compute on. */
@Command(
        name = "devices",
        description = "Lists the devices of this machine, best first, and what is missing for others.",
        mixinStandardHelpOptions = true)
final class DevicesCommand extends Subcommand {
    @Override
    public Integer call() {
        PrintWriter out = out();
        List<DeviceInfo> devices = Devices.list();
        if (devices.isEmpty()) {
            throw new IllegalStateException("no backend is on the class path");
        }
        Table table = new Table("device", "backend", "description");
        for (DeviceInfo info : devices) {
            table.row(
                    info.device(),
                    info.backend(),
                    info.missing().map(reason -> "missing: " + reason).orElse(info.description()));
        }
        table.print(out);
        for (String name : devices.stream()
                .filter(DeviceInfo::available)
                .map(DeviceInfo::device)
                .distinct()
                .toList()) {
            try (Device device = Devices.named(name)) {
                out.println("recurrent layers on " + name + ": " + names(device));
            }
        }
        return Main.DONE;
    }

    private static String names(Device device) {
        return device.operations(RecurrentOp.class).stream()
                .map(RecurrentOp::name)
                .collect(Collectors.joining(", "));
    }
}
