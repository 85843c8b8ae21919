package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.doctor.Doctor;
import org.gatefold.doctor.Extent;
import org.gatefold.doctor.Report;
import org.gatefold.doctor.ReportJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gatefold doctor}: whether a device computes what it should, and how fast. */
@Command(
        name = "doctor",
        description = {
            "Checks every operation of a device against plain Java, and times its recurrent layers.",
            "Ends with 1 if a check fails; a recurrent implementation that fails on a GPU is not chosen there until it passes."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = STANDARD_OUTPUT,
            description = "Write the report as JSON too; without FILE, print it instead.")
    private Path json;

    @Option(names = "--quick", description = "Check the most telling cases of recurrent layers only; no benchmark.")
    private boolean quick;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Report report = null;
        try (Device opened = device.open();
                Device oracle = Devices.cpu()) {
            report = Doctor.examine(opened, oracle, quick ? Extent.QUICK : Extent.FULL);
        } catch (RuntimeException e) {
            // A GPU that a wrong kernel has made unusable cannot be closed either; the report tells why.
            if (report == null || report.healthy()) {
                throw e;
            }
        }
        if (json == null || !json.equals(Path.of(STANDARD_OUTPUT))) {
            new DoctorOutput(out).print(report);
        }
        if (json != null) {
            write(report, out);
        }
        return report.healthy() ? Main.DONE : Main.FAILED;
    }

    private void write(Report report, PrintWriter out) throws IOException {
        String text = ReportJson.of(report);
        if (json.equals(Path.of(STANDARD_OUTPUT))) {
            out.print(text);
            out.flush();
        } else {
            Files.writeString(json, text);
        }
    }
}
