package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.gatefold.backend.cuda.MutantBackend.Mistake;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.contract.Compare;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.device.Trials;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of {@code cuda.persistent} and {@code cuda.cluster} that wait in vain give up, and the host learns of it. Isolated: a second is everyone's. */
@Isolated
class PersistentAlarmTest {

    @BeforeEach
    void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "an arrival is lost on the simulated device only");
        SimulatedDevice.load();
        System.setProperty(PlantedDevices.PROPERTY, "true");
        SimulatedDevice.setOption("second_ms", "10");
    }

    @AfterEach
    void restore() {
        System.clearProperty(PlantedDevices.PROPERTY);
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("second_ms", "1000000");
        }
    }

    @ParameterizedTest
    @CsvSource({"LOST_ARRIVAL, cuda.persistent", "LOST_ARRIVAL_AT_A_SLOT, cuda.cluster"})
    void aLostArrivalIsToldToAllAndRecordedAndTheDeviceGoesOnNoMore(Mistake mistake, String implementation)
            throws Exception {
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 5, 2, 3, 20), 3);
        try (Device device = Devices.named(MutantBackend.PREFIX + mistake)) {
            VerificationRecord record = device.service(VerificationRecord.class).orElseThrow();
            record.passed("recurrent:" + implementation);
            try {
                assertThatThrownBy(() -> inference(device, implementation, given))
                        .isInstanceOf(CudaException.class)
                        .hasMessage(Alarm.meaning(implementation));
                assertThat(record.failure("recurrent:" + implementation))
                        .hasValueSatisfying(text -> assertThat(text).contains("gave up"));
                assertThatThrownBy(() -> inference(device, MutantBackend.FUSED, given))
                        .as("what was computed behind it may be wrong")
                        .hasMessage(Alarm.meaning(implementation));
                assertThatThrownBy(() ->
                                CompletableFuture.runAsync(device::synchronize).get())
                        .as("another thread")
                        .hasRootCauseMessage(Alarm.meaning(implementation));
                assertThat(device.bytesInUse()).as("memory is given back").isZero();
            } finally {
                record.passed("recurrent:" + implementation);
            }
        }
    }

    /** Whoever tries an implementation goes on with others, and a thread beside it hears of nothing. */
    @ParameterizedTest
    @CsvSource({"LOST_ARRIVAL, cuda.persistent", "LOST_ARRIVAL_AT_A_SLOT, cuda.cluster"})
    void anAlarmOfATrialEndsWithIt(Mistake mistake, String implementation) {
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 5, 2, 3, 20), 3);
        try (Device device = Devices.named(MutantBackend.PREFIX + mistake)) {
            VerificationRecord record = device.service(VerificationRecord.class).orElseThrow();
            try {
                Trials.on(device, () -> {
                    assertThatThrownBy(() -> inference(device, implementation, given))
                            .hasMessage(Alarm.meaning(implementation));
                    CompletableFuture.runAsync(device::synchronize).join();
                    assertThatThrownBy(device::synchronize).hasMessage(Alarm.meaning(implementation));
                    return null;
                });
                assertThat(record.failure("recurrent:" + implementation)).isPresent();
                assertThat(Compare.differences(
                                inference(device, MutantBackend.FUSED, given), NaiveRecurrent.inference(given), 1e-5))
                        .isEmpty();
            } finally {
                record.passed("recurrent:" + implementation);
            }
        }
    }

    private static Map<String, float[]> inference(Device device, String implementation, RecurrentCase given) {
        RecurrentOp op = device.operations(RecurrentOp.class).stream()
                .filter(each -> each.name().equals(implementation))
                .findFirst()
                .orElseThrow();
        try (Scope scope = device.openScope("test")) {
            return RecurrentRun.inference(op, scope, given);
        }
    }
}
