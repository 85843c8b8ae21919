package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.cli.output.DoctorOutput;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.doctor.Doctor;
import org.gatefold.doctor.Report;
import org.gatefold.doctor.ReportJson;
import org.gatefold.op.verify.Extent;
import org.gatefold.op.verify.Suite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gatefold doctor}: whether a device computes what it should, and how fast. */
@Command(
        name = "doctor",
        description = {
            "Checks every operation of a device against plain Java, and times its recurrent layers.",
            "Ends with 1 if a check fails; a recurrent implementation that fails on a GPU is not chosen there until it passes."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand extends Subcommand {
    private static final String STANDARD_OUTPUT = "-";

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = STANDARD_OUTPUT,
            description = "Write the report as JSON too; without FILE, print it, and all else to the error stream.")
    private Path json;

    @Option(names = "--quick", description = "Check the most telling cases of recurrent layers only; no benchmark.")
    private boolean quick;

    @Option(
            names = "--only",
            paramLabel = "OPERATION",
            split = ",",
            description = "Check these operations alone, for instance Recurrent,Linear; may be given again.")
    private List<String> only = List.of();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = out();
        boolean jsonOnly = json != null && json.equals(Path.of(STANDARD_OUTPUT));
        List<Suite<?>> suites = only.isEmpty() ? Suite.all() : Suite.of(only);
        DoctorOutput output = new DoctorOutput(jsonOnly ? spec().commandLine().getErr() : out);
        Report report = null;
        try (Device opened = device.open();
                Device reference = Devices.cpu()) {
            report = Doctor.examine(opened, reference, suites, quick ? Extent.QUICK : Extent.FULL, output);
        } catch (RuntimeException e) {
            // A GPU that a wrong kernel has made unusable cannot be closed either; the report tells why.
            if (report == null || report.healthy()) {
                throw e;
            }
        }
        output.finish(report);
        if (jsonOnly) {
            out.print(ReportJson.of(report));
            out.flush();
        } else if (json != null) {
            Files.writeString(json, ReportJson.of(report));
        }
        return report.healthy() ? Main.DONE : Main.FAILED;
    }
}
