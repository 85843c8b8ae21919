package org.gatefold.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.op.ElementwiseOp;
import org.gatefold.op.LinearOp;
import org.gatefold.op.LossOp;
import org.gatefold.op.OptimizerOp;
import org.gatefold.op.RecurrentChoice;
import org.gatefold.op.RecurrentOp;
import org.gatefold.op.SequenceOp;
import org.gatefold.op.SoftmaxOp;
import org.gatefold.op.VerificationRecord;
import org.gatefold.op.verify.Verification;

/**
 * Examines a device: runs every implementation of every operation against the plain-Java reference, records recurrent
 * implementations that fail so that they are not chosen again, clears those that pass everything, and times the recurrent
 * layers. Where {@code -Dgatefold.lstm} names a recurrent implementation, the others are left out.
 *
 * <p>Owns neither device. One thread.
 */
public final class Doctor {
    private static final String ORACLE = "reference";

    private final Device device;
    private final Device oracle;
    private final Extent extent;
    private final List<Finding> findings = new ArrayList<>();
    private String unusable = "";

    private Doctor(Device device, Device oracle, Extent extent) {
        this.device = device;
        this.oracle = oracle;
        this.extent = extent;
    }

    /**
     * Examines a device.
     *
     * @param oracle a device that offers the plain-Java reference
     */
    public static Report examine(Device device, Device oracle, Extent extent) {
        return new Doctor(device, oracle, extent).report();
    }

    private Report report() {
        Map<String, String> properties = device.properties();
        check(LinearOp.class, (op, e) -> LinearChecks.all());
        check(ElementwiseOp.class, (op, e) -> ElementwiseChecks.all());
        check(SequenceOp.class, (op, e) -> SequenceChecks.all());
        check(SoftmaxOp.class, (op, e) -> SoftmaxChecks.all());
        check(LossOp.class, (op, e) -> LossChecks.all());
        check(OptimizerOp.class, (op, e) -> OptimizerChecks.all());
        check(RecurrentOp.class, RecurrentChecks::all);
        subjects(RecurrentOp.class).forEach(this::record);
        String omitted = benchmarkOmitted(properties);
        return new Report(
                machine(),
                device.name(),
                device.description(),
                properties,
                extent,
                findings,
                omitted.isEmpty()
                        ? new Benchmark(device, Benchmark.SHAPES).run(subjects(RecurrentOp.class))
                        : List.of(),
                omitted);
    }

    private String benchmarkOmitted(Map<String, String> properties) {
        if (properties.containsKey(Device.SIMULATED)) {
            return "the device is simulated, so its time says nothing";
        }
        if (extent == Extent.QUICK) {
            return "the examination was a quick one";
        }
        return unusable.isEmpty() ? "" : unusable;
    }

    /** The implementations to examine: all but the reference, or that if there is nothing else. */
    private <O extends Operation> List<O> subjects(Class<O> contract) {
        List<O> all = device.operations(contract);
        List<O> others = all.stream().filter(op -> !op.name().equals(ORACLE)).toList();
        List<O> subjects = others.isEmpty() ? all : others;
        String forced = System.getProperty(RecurrentChoice.PROPERTY, "").trim();
        if (contract == RecurrentOp.class && !forced.isEmpty()) {
            return subjects.stream().filter(op -> op.name().equals(forced)).toList();
        }
        return subjects;
    }

    private <O extends Operation> void check(Class<O> contract, BiFunction<O, Extent, List<NamedCheck<O>>> checks) {
        O right = oracle.operations(contract).stream()
                .filter(op -> op.name().equals(ORACLE))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "oracle: expected a device with the implementation '" + ORACLE + "', got " + oracle));
        String operation = contract.getSimpleName().replaceFirst("Op$", "");
        for (O subject : subjects(contract)) {
            for (NamedCheck<O> check : checks.apply(subject, extent)) {
                findings.add(finding(operation, subject, right, check));
            }
        }
    }

    private <O extends Operation> Finding finding(String operation, O subject, O right, NamedCheck<O> check) {
        Finding.Verdict verdict = Finding.Verdict.NOT_RUN;
        double error = Double.NaN;
        String reason = unusable;
        if (unusable.isEmpty()) {
            try {
                Verification found = Verification.of(device, subject, oracle, right, check.check(), check.limit());
                verdict = found.passed() ? Finding.Verdict.PASS : Finding.Verdict.FAIL;
                error = found.error();
                reason = found.failure();
            } catch (RuntimeException e) {
                verdict = Finding.Verdict.FAIL;
                reason = String.valueOf(e.getMessage());
                findOutWhetherUsable(subject);
            }
        }
        return new Finding(
                operation, check.group(), check.title(), subject.name(), verdict, error, check.limit(), reason);
    }

    /** Some errors leave a GPU unusable for the rest of the process; what would follow says nothing then. */
    private void findOutWhetherUsable(Operation culprit) {
        try {
            device.synchronize();
        } catch (RuntimeException e) {
            unusable = "the device is unusable in this process after the error of " + culprit.name();
        }
    }

    private void record(RecurrentOp op) {
        List<Finding> own = findings.stream()
                .filter(finding -> finding.operation().equals("Recurrent")
                        && finding.implementation().equals(op.name()))
                .toList();
        Optional<Finding> failed = own.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.FAIL)
                .findFirst();
        boolean passed = own.stream().allMatch(finding -> finding.verdict() == Finding.Verdict.PASS);
        for (VerificationRecord record : device.operations(VerificationRecord.class)) {
            failed.ifPresent(finding ->
                    record.failed(op.name(), finding.reason() + " (" + finding.group() + ", " + finding.check() + ")"));
            if (passed && extent == Extent.FULL) {
                record.passed(op.name());
            }
        }
    }

    private static Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        String version = Doctor.class.getPackage().getImplementationVersion();
        machine.put("Gatefold", version == null ? "from classes" : version);
        machine.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        machine.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        machine.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " in use");
        return machine;
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
