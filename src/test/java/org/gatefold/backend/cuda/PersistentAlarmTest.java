package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.gatefold.backend.cuda.MutantBackend.Mistake;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.recurrent.persistent.PersistentSteps;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Blocks of {@code cuda.persistent} that wait in vain give up, and the host learns of it. Isolated: a second is everyone's. */
@Isolated
class PersistentAlarmTest {
    private static final String QUALIFIED = "recurrent:cuda.persistent";
    private static final String GAVE_UP = Alarm.meaning(PersistentSteps.NAME);

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

    @Test
    void aLostArrivalIsToldToAllAndRecordedAndTheDeviceGoesOnNoMore() throws Exception {
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 5, 2, 3, 20), 3);
        try (Device device = Devices.named(MutantBackend.PREFIX + Mistake.LOST_ARRIVAL)) {
            VerificationRecord record = device.service(VerificationRecord.class).orElseThrow();
            record.passed(QUALIFIED);
            try {
                assertThatThrownBy(() -> inference(device, MutantBackend.PERSISTENT, given))
                        .isInstanceOf(CudaException.class)
                        .hasMessage(GAVE_UP);
                assertThat(record.failure(QUALIFIED))
                        .hasValueSatisfying(text -> assertThat(text).contains("gave up"));
                assertThatThrownBy(() -> inference(device, MutantBackend.FUSED, given))
                        .as("what was computed behind it may be wrong")
                        .hasMessage(GAVE_UP);
                assertThatThrownBy(() ->
                                CompletableFuture.runAsync(device::synchronize).get())
                        .as("another thread")
                        .hasRootCauseMessage(GAVE_UP);
                assertThat(device.bytesInUse()).as("memory is given back").isZero();
            } finally {
                record.passed(QUALIFIED);
            }
        }
    }

    /** Whoever tries an implementation goes on with others, and a thread beside it hears of nothing. */
    @Test
    void anAlarmOfATrialEndsWithIt() {
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 5, 2, 3, 20), 3);
        try (Device device = Devices.named(MutantBackend.PREFIX + Mistake.LOST_ARRIVAL)) {
            VerificationRecord record = device.service(VerificationRecord.class).orElseThrow();
            try {
                Trials.on(device, () -> {
                    assertThatThrownBy(() -> inference(device, MutantBackend.PERSISTENT, given))
                            .hasMessage(GAVE_UP);
                    CompletableFuture.runAsync(device::synchronize).join();
                    assertThatThrownBy(device::synchronize).hasMessage(GAVE_UP);
                    return null;
                });
                assertThat(record.failure(QUALIFIED)).isPresent();
                assertThat(Compare.differences(
                                inference(device, MutantBackend.FUSED, given), NaiveRecurrent.inference(given), 1e-5))
                        .isEmpty();
            } finally {
                record.passed(QUALIFIED);
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
