package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.backend.cuda.tuning.CardRecords;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.gatefold.doctor.Doctor;
import org.gatefold.doctor.ExaminationListener;
import org.gatefold.doctor.Finding;
import org.gatefold.doctor.Report;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.verify.Extent;
import org.gatefold.op.verify.Suite;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A full examination of the simulated device leaves nothing out. Isolated, because the property is seen by every test and
 * the device's counts are everyone's.
 */
@Isolated
class DoctorOnCudaTest {
    @TempDir
    static Path folder;

    private static String recordsBefore;
    private static boolean failureWasRecorded;
    private static boolean failureIsCleared;
    private static Report report;
    private static Set<String> launched;
    private static List<String> implementations;
    private static Set<String> contracts;

    @BeforeAll
    static void examine() {
        assumeTrue(SimulatedDevice.isBuilt(), "launches are counted on the simulated device only");
        SimulatedDevice.load();
        recordsBefore = System.getProperty(CardRecords.FOLDER_PROPERTY);
        System.setProperty(CardRecords.FOLDER_PROPERTY, folder.toString());
        try (Device device = Devices.named("cuda:0");
                Device oracle = Devices.cpu()) {
            VerificationRecord record = device.service(VerificationRecord.class).orElseThrow();
            record.failed("recurrent:cuda.steps", "planted");
            failureWasRecorded = record.failure("recurrent:cuda.steps").isPresent();
            SimulatedDevice.resetCounts();
            report = Doctor.examine(device, oracle, Suite.all(), Extent.FULL, ExaminationListener.NONE);
            launched = JsonParser.parseString(SimulatedDevice.counts())
                    .getAsJsonObject()
                    .getAsJsonObject("kernels")
                    .keySet();
            failureIsCleared = record.failure("recurrent:cuda.steps").isEmpty();
            implementations = device.operations(RecurrentOp.class).stream()
                    .map(RecurrentOp::name)
                    .toList();
            contracts = contracts(device);
        }
    }

    @AfterAll
    static void restore() {
        if (recordsBefore == null) {
            System.clearProperty(CardRecords.FOLDER_PROPERTY);
        } else {
            System.setProperty(CardRecords.FOLDER_PROPERTY, recordsBefore);
        }
    }

    /** The names of the contracts, as they stand in findings. */
    private static Set<String> contracts(Device device) {
        Set<String> names = new TreeSet<>();
        for (Operation operation : device.operations(Operation.class)) {
            for (Class<?> contract : operation.getClass().getInterfaces()) {
                if (Operation.class.isAssignableFrom(contract)) {
                    names.add(Suite.operation(contract.asSubclass(Operation.class)));
                }
            }
        }
        return names;
    }

    @Test
    void everythingPasses() {
        assertThat(report.findings())
                .filteredOn(finding -> finding.verdict() != Finding.Verdict.PASS)
                .isEmpty();
        assertThat(report.healthy()).isTrue();
    }

    @Test
    void everyKernelIsLaunched() {
        KernelSources sources = new KernelSources(UnaryOperator.identity());
        Set<String> all = new TreeSet<>();
        sources.files().forEach(file -> all.addAll(sources.kernels(file)));
        assertThat(all).hasSizeGreaterThan(30);
        assertThat(launched).containsAll(all);
    }

    @Test
    void everyContractAndEveryRecurrentImplementationIsExamined() {
        assertThat(report.findings()).extracting(Finding::operation).containsAll(contracts);
        assertThat(report.findings())
                .filteredOn(finding -> finding.operation().equals("Recurrent"))
                .extracting(Finding::implementation)
                .containsAll(implementations);
    }

    @Test
    void implementationsOfOneGroupStandSideBySide() {
        List<String> groups = report.findings().stream()
                .map(finding -> finding.operation() + ": " + finding.group())
                .toList();
        List<String> runs = new ArrayList<>();
        for (String group : groups) {
            if (runs.isEmpty() || !runs.get(runs.size() - 1).equals(group)) {
                runs.add(group);
            }
        }
        assertThat(runs).doesNotHaveDuplicates().hasSizeGreaterThan(20);
    }

    @Test
    void passingEverythingClearsARecordedFailure() {
        assertThat(failureWasRecorded).isTrue();
        assertThat(failureIsCleared).isTrue();
    }

    @Test
    void theReportNamesTheSimulatedCardAndItsLibrariesAndHasNoBenchmark() {
        assertThat(report.facts().properties())
                .containsKeys("card", "UUID", "driver", "NVRTC", "cuBLAS", "kernels", "memory")
                .containsKey(Device.SIMULATED);
        assertThat(report.benchmark()).isEmpty();
        assertThat(report.benchmarkOmitted()).contains("simulated");
    }
}
