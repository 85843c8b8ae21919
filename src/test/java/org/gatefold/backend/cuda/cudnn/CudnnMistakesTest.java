package org.gatefold.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.backend.cuda.PlantedDevices;
import org.gatefold.backend.cuda.cudnn.CudnnMutantBackend.Mistake;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.contract.Compare;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A mistake in how cuDNN is used gives other numbers than the reference, or is refused or found by the simulated cuDNN. */
class CudnnMistakesTest {
    private static final RecurrentSpec SPEC =
            RecurrentSpec.of(Cell.LSTM, 5, 3, 6, 6).withDirection(Direction.FORWARD);

    private static final RecurrentSpec PROJECTED =
            SPEC.withDirection(Direction.BIDIRECTIONAL).withOptions(CellOptions.PLAIN.withProjection(4));

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "mistakes are planted on the simulated device only");
        SimulatedDevice.load();
        System.setProperty(PlantedDevices.PROPERTY, "true");
        SimulatedDevice.setOption("log_findings", "0");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(PlantedDevices.PROPERTY);
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("log_findings", "1");
        }
    }

    /** After a finding the context is of no use any more, as on a card. */
    @AfterEach
    void resetDevice() {
        SimulatedDevice.reset();
    }

    @ParameterizedTest
    @EnumSource(value = Mistake.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void isCaught(Mistake mistake) {
        assertThat(symptoms(mistake, mistake == Mistake.PROJECTION_OF_THE_OTHER_DIRECTION ? PROJECTED : SPEC))
                .isNotEmpty();
    }

    @Test
    void rightUseIsNotCaught() {
        assertThat(symptoms(Mistake.NONE, SPEC)).isEmpty();
        assertThat(symptoms(Mistake.NONE, PROJECTED)).isEmpty();
    }

    /** Differences from the reference over two passes, whose gradients add up, or what the library said. */
    private static List<String> symptoms(Mistake mistake, RecurrentSpec spec) {
        RecurrentCase given = RecurrentCase.random(spec, new int[] {5, 0, 3}, 50);
        try (Device device = Devices.named(CudnnMutantBackend.PREFIX + mistake);
                Scope scope = device.openScope("planted mistake");
                RecurrentRun run = new RecurrentRun(device.operation(RecurrentOp.class), scope, given, Mode.TRAINING)) {
            run.forward();
            run.backward();
            run.forward();
            run.backward();
            Map<String, double[]> expected = NaiveRecurrent.training(given);
            expected.forEach((name, values) -> {
                for (int i = 0; i < values.length && name.contains("["); i++) {
                    values[i] *= 2;
                }
            });
            return new ArrayList<>(Compare.differences(run.results(), expected, 1e-5));
        } catch (CudaException e) {
            List<String> said = new ArrayList<>(SimulatedDevice.findings());
            said.add(e.getMessage());
            assertThat(said).as("what names the call").anyMatch(text -> text.contains("RNN") || text.contains("rnn"));
            return said;
        }
    }
}
