package org.gatefold.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Operation;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.verify.Check;
import org.gatefold.op.verify.Extent;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Oracle;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Verification;

/**
 * Examines a device: runs every implementation of every operation against the plain-Java reference, records recurrent
 * implementations that fail so that they are not chosen again, clears those that pass everything, and times the layers of
 * those. Where {@code -Dgatefold.use} names a recurrent implementation, the others are left out.
 *
 * <p>Owns neither device. The device is used by the calling thread; the reference computes ahead in threads of its own,
 * which end with the examination.
 */
public final class Doctor {
    /** The recurrent layers among the operations of findings. */
    public static final String RECURRENT = Suite.operation(RecurrentOp.class);

    /** More would wait for the device. */
    private static final int MOST_ORACLE_THREADS = 4;

    private final Device device;
    private final Device reference;
    private final List<Suite<?>> suites;
    private final Extent extent;
    private final ExaminationListener listener;
    private final ExecutorService oracleThreads = Executors.newFixedThreadPool(
            // One processor is for the thread that drives the device.
            Math.max(1, Math.min(MOST_ORACLE_THREADS, Runtime.getRuntime().availableProcessors() - 1)));
    private final List<Finding> findings = new ArrayList<>();
    private String unusable = "";

    /** The checks of one group for one implementation, a line of a summary. */
    private record Row<O extends Operation>(String group, O subject, List<NamedCheck<O>> checks) {}

    private Doctor(
            Device device, Device reference, List<Suite<?>> suites, Extent extent, ExaminationListener listener) {
        this.device = device;
        this.reference = reference;
        this.suites = List.copyOf(suites);
        this.extent = extent;
        this.listener = listener;
    }

    /**
     * Examines a device.
     *
     * @param reference a device that offers the plain-Java reference
     * @param suites what is examined: {@link Suite#all} or some of them
     * @param listener hears of every step
     */
    public static Report examine(
            Device device, Device reference, List<Suite<?>> suites, Extent extent, ExaminationListener listener) {
        Doctor doctor = new Doctor(device, reference, suites, extent, listener);
        Facts facts = Facts.of(device);
        listener.started(facts);
        try {
            doctor.checkAll();
        } finally {
            doctor.endOracleThreads();
        }
        List<RecurrentOp> sound = sound(doctor.subjects(RecurrentOp.class), doctor.findings);
        String omitted = doctor.benchmarkOmitted(facts, sound);
        List<BenchmarkRow> benchmark =
                omitted.isEmpty() ? new Benchmark(device, Benchmark.SHAPES).run(sound, listener) : List.of();
        return new Report(facts, extent, doctor.findings, benchmark, omitted);
    }

    private void checkAll() {
        suites.forEach(this::check);
        subjects(RecurrentOp.class).forEach(this::record);
    }

    /** Returns when no thread uses the reference any more, so that its device may be closed. */
    private void endOracleThreads() {
        oracleThreads.shutdownNow();
        try {
            if (!oracleThreads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the oracle does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String benchmarkOmitted(Facts facts, List<RecurrentOp> sound) {
        if (facts.simulated()) {
            return "the device is simulated, so its time says nothing";
        }
        if (extent == Extent.QUICK) {
            return "the examination was a quick one";
        }
        if (suites.stream().noneMatch(suite -> suite.contract() == RecurrentOp.class)) {
            return "recurrent layers were not examined";
        }
        if (unusable.isEmpty() && sound.isEmpty()) {
            return "no recurrent implementation passed its checks";
        }
        return unusable;
    }

    /** The implementations that were checked and passed it all; how fast the others are wrong says nothing. */
    static List<RecurrentOp> sound(List<RecurrentOp> implementations, List<Finding> findings) {
        return implementations.stream()
                .filter(op -> of(op, findings).findAny().isPresent())
                .filter(op -> of(op, findings).allMatch(finding -> finding.verdict() == Finding.Verdict.PASS))
                .toList();
    }

    private static Stream<Finding> of(RecurrentOp op, List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.operation().equals(RECURRENT)
                        && finding.implementation().equals(op.name()));
    }

    /** The implementations to examine: all but the reference, or that if there is nothing else. */
    private <O extends Operation> List<O> subjects(Class<O> contract) {
        List<O> all = device.operations(contract);
        List<O> others = all.stream()
                .filter(op -> !op.name().equals(Oracle.IMPLEMENTATION))
                .toList();
        List<O> subjects = others.isEmpty() ? all : others;
        Optional<String> forced = contract == RecurrentOp.class ? Choice.forced(RecurrentOp.FAMILY) : Optional.empty();
        return subjects.stream()
                .filter(op -> forced.isEmpty() || forced.get().equals(op.name()))
                .toList();
    }

    private <O extends Operation> void check(Suite<O> suite) {
        String operation = Suite.operation(suite.contract());
        List<Row<O>> rows = rows(suite);
        Oracle<O> oracle = new Oracle<>(reference, suite.contract());
        if (unusable.isEmpty()) {
            List<Check<O>> inOrder = new ArrayList<>();
            rows.forEach(row -> row.checks().forEach(check -> inOrder.add(check.check())));
            oracle.prepare(inOrder, oracleThreads);
        }
        for (Row<O> row : rows) {
            listener.checking(operation, row.group(), row.subject().name());
            List<Finding> found = new ArrayList<>();
            for (NamedCheck<O> check : row.checks()) {
                found.add(finding(operation, row.subject(), oracle, check));
            }
            findings.addAll(found);
            listener.checked(List.copyOf(found));
        }
    }

    /** Group by group, so that implementations are seen side by side and an expected result is used soon. */
    private <O extends Operation> List<Row<O>> rows(Suite<O> suite) {
        Map<String, Map<O, List<NamedCheck<O>>>> groups = new LinkedHashMap<>();
        for (O subject : subjects(suite.contract())) {
            for (NamedCheck<O> check : suite.checks(subject, extent)) {
                groups.computeIfAbsent(check.group(), group -> new LinkedHashMap<>())
                        .computeIfAbsent(subject, op -> new ArrayList<>())
                        .add(check);
            }
        }
        List<Row<O>> rows = new ArrayList<>();
        groups.forEach((group, own) -> own.forEach((subject, list) -> rows.add(new Row<>(group, subject, list))));
        return rows;
    }

    private <O extends Operation> Finding finding(String operation, O subject, Oracle<O> oracle, NamedCheck<O> check) {
        Finding.Verdict verdict = Finding.Verdict.NOT_RUN;
        double error = Double.NaN;
        double seconds = 0;
        String reason = unusable;
        if (unusable.isEmpty()) {
            Map<String, float[]> expected = oracle.results(check.check());
            long start = System.nanoTime();
            try {
                Verification found = Verification.of(device, subject, check.check(), expected, check.limit());
                verdict = found.passed() ? Finding.Verdict.PASS : Finding.Verdict.FAIL;
                error = found.error();
                reason = found.failure();
            } catch (RuntimeException e) {
                verdict = Finding.Verdict.FAIL;
                reason = String.valueOf(e.getMessage());
                findOutWhetherUsable(subject);
            }
            seconds = (System.nanoTime() - start) * 1e-9;
        }
        return new Finding(
                operation,
                check.group(),
                check.title(),
                subject.name(),
                verdict,
                error,
                check.limit(),
                reason,
                seconds);
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
        Optional<Finding> failed = of(op, findings)
                .filter(finding -> finding.verdict() == Finding.Verdict.FAIL)
                .findFirst();
        boolean passed = !sound(List.of(op), findings).isEmpty();
        String name = RecurrentOp.FAMILY.qualified(op);
        device.service(VerificationRecord.class).ifPresent(record -> {
            failed.ifPresent(finding ->
                    record.failed(name, finding.reason() + " (" + finding.group() + ", " + finding.check() + ")"));
            if (passed && extent == Extent.FULL) {
                record.passed(name);
            }
        });
    }
}
