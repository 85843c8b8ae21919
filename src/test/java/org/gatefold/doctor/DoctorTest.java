package org.gatefold.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.verify.Extent;
import org.gatefold.op.verify.Suite;
import org.junit.jupiter.api.Test;

class DoctorTest {
    @Test
    void aListenerHearsEveryStepInOrder() {
        List<String> order = new ArrayList<>();
        List<Finding> heard = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        Report report;
        try (Device device = Devices.named("reference");
                Device oracle = Devices.named("reference")) {
            report = Doctor.examine(device, oracle, Suite.all(), Extent.QUICK, new ExaminationListener() {
                @Override
                public void started(Facts facts) {
                    order.add("started");
                    assertThat(facts.device()).isEqualTo("reference");
                }

                @Override
                public void checking(String operation, String group, String implementation) {
                    order.add("checking");
                    rows.add(operation + ": " + group + " of " + implementation);
                }

                @Override
                public void checked(List<Finding> findings) {
                    order.add("checked");
                    heard.addAll(findings);
                    assertThat(findings).isNotEmpty().allSatisfy(finding -> assertThat(
                                    finding.operation() + ": " + finding.group() + " of " + finding.implementation())
                            .isEqualTo(rows.get(rows.size() - 1)));
                }
            });
            assertThat(oracle.bytesInUse()).isZero();
        }
        assertThat(order.remove(0)).isEqualTo("started");
        assertThat(order).hasSize(2 * rows.size());
        for (int i = 0; i < order.size(); i++) {
            assertThat(order.get(i)).isEqualTo(i % 2 == 0 ? "checking" : "checked");
        }
        assertThat(rows).doesNotHaveDuplicates().contains("Recurrent: LSTM, F32 of reference");
        assertThat(heard).isEqualTo(report.findings());
        assertThat(report.healthy()).isTrue();
        assertThat(report.findings())
                .allSatisfy(finding -> assertThat(finding.seconds()).isPositive());
        assertThat(report.facts().machine()).containsKeys("Gatefold", "Java", "processor");
    }

    @Test
    void onlyImplementationsThatPassedEverythingAreTimed() {
        try (Device device = Devices.cpu()) {
            List<RecurrentOp> all = device.operations(RecurrentOp.class);
            String name = all.get(0).name();
            List<Finding> passed = all.stream()
                    .map(op -> finding(Doctor.RECURRENT, op.name(), Finding.Verdict.PASS))
                    .toList();
            assertThat(Doctor.sound(all, passed)).isEqualTo(all);
            assertThat(Doctor.sound(all, List.of())).as("not examined").isEmpty();
            assertThat(Doctor.sound(all, with(passed, "Linear", name, Finding.Verdict.FAIL)))
                    .as("another operation's failure")
                    .isEqualTo(all);
            assertThat(Doctor.sound(all, with(passed, Doctor.RECURRENT, "another", Finding.Verdict.FAIL)))
                    .as("another implementation's failure")
                    .isEqualTo(all);
            for (Finding.Verdict verdict : List.of(Finding.Verdict.FAIL, Finding.Verdict.NOT_RUN)) {
                assertThat(Doctor.sound(all, with(passed, Doctor.RECURRENT, name, verdict)))
                        .isEqualTo(all.subList(1, all.size()));
            }
        }
    }

    @Test
    void whatIsNotExaminedIsNotRecordedAsSound() {
        try (Device device = Devices.named("reference");
                Device oracle = Devices.named("reference")) {
            Report report = Doctor.examine(
                    device, oracle, Suite.of(List.of("linear", "Norm")), Extent.FULL, ExaminationListener.NONE);
            assertThat(report.findings()).extracting(Finding::operation).containsOnly("Linear", "Norm");
            assertThat(report.benchmarkOmitted()).isEqualTo("recurrent layers were not examined");
        }
    }

    private static List<Finding> with(
            List<Finding> findings, String operation, String implementation, Finding.Verdict verdict) {
        List<Finding> all = new ArrayList<>(findings);
        all.add(finding(operation, implementation, verdict));
        return all;
    }

    private static Finding finding(String operation, String implementation, Finding.Verdict verdict) {
        return new Finding(operation, "group", "check", implementation, verdict, 0, 1, "", 0);
    }
}
