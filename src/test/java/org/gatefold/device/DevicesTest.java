package org.gatefold.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.RecurrentOp;
import org.junit.jupiter.api.Test;

class DevicesTest {
    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open("abacus"))
                .withMessageMatching("device: expected one of \\[.*cpu.*reference.*], got 'abacus'");
    }

    @SuppressWarnings("MustBeClosedChecker") // nothing is opened
    private static Device open(String name) {
        return Devices.named(name);
    }

    @Test
    void theReferenceServesItsOwnDeviceAlone() {
        try (Device device = Devices.named("reference")) {
            assertThat(device.operations(RecurrentOp.class))
                    .extracting(Operation::name)
                    .containsExactly("reference");
            assertThat(device.operation(LinearOp.class).name()).isEqualTo("reference");
            assertThat(device).hasToString("reference (plain Java, double accumulation, 1 thread)");
        }
    }

    @Test
    void theReferenceStandsLastOnTheCpu() {
        try (Device device = Devices.cpu()) {
            List<RecurrentOp> found = device.operations(RecurrentOp.class);
            assertThat(found.get(found.size() - 1).name()).isEqualTo("reference");
            assertThat(found).doesNotHaveDuplicates();
        }
    }

    @Test
    void theBestDeviceIsOneThatMayBeChosen() {
        try (Device device = Devices.best()) {
            assertThat(Devices.list())
                    .filteredOn(info -> info.device().equals(device.name()))
                    .anyMatch(info -> info.available() && info.automatic());
        }
    }

    @Test
    void listsEveryDeviceWithItsBackend() {
        assertThat(Devices.list())
                .anySatisfy(info -> {
                    assertThat(info.device()).isEqualTo("cpu");
                    assertThat(info.backend()).isEqualTo("reference");
                    assertThat(info.available()).isTrue();
                })
                .allSatisfy(info -> assertThat(info.description()).isNotBlank());
    }

    @Test
    void optionsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceOptions(-1))
                .withMessage("threads: expected 0 (all processors) to 1024, got -1");
        assertThat(new DeviceOptions(3).resolvedThreads()).isEqualTo(3);
        assertThat(new DeviceOptions(0).resolvedThreads()).isPositive();
    }

    @Test
    void aClosedDeviceHandsOutNothing() {
        Device closed = closedDevice();
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.operations(LinearOp.class))
                .withMessage("device reference is closed");
        assertThatIllegalStateException().isThrownBy(closed::synchronize);
        closed.close();
    }

    private static Device closedDevice() {
        try (Device device = Devices.named("reference")) {
            return device;
        }
    }
}
