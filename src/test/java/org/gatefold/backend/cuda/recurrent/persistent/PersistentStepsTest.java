package org.gatefold.backend.cuda.recurrent.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.Stream;
import org.gatefold.backend.cuda.recurrent.fused.FusedStepsTest;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * {@code cuda.persistent} gives the bits of {@code cuda.fused}, whose steps it runs, however they are spread over blocks: the
 * device has four multiprocessors. Isolated, because the device's counts and compute capability are everyone's.
 */
@Isolated
class PersistentStepsTest extends StretchStepsContract {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 2);

    PersistentStepsTest() {
        super("cuda.persistent", 17, 40);
    }

    /** Those of fused steps, where blocks have several groups of units, and groups of blocks with rows of their own, some one more. */
    static Stream<RecurrentSpec> specs() {
        return Stream.concat(
                FusedStepsTest.specs(), Stream.of(Precision.values()).flatMap(precision -> Stream.of(Cell.values())
                        .map(cell -> RecurrentSpec.of(cell, 7, 75, 5, 12)
                                .withDirection(Direction.REVERSE)
                                .withPrecision(precision))));
    }

    @Test
    void aStretchIsOneLaunch() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        SimulatedDevice.load();
        RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 100, 2, 3, 20).withDirection(Direction.BIDIRECTIONAL);
        SimulatedDevice.resetCounts();
        training(RecurrentCase.random(spec, 3));
        assertThat(count("gru_stretch_f32", "launches")).isEqualTo(2);
        assertThat(count("gru_stretch_backward_f32", "launches")).isEqualTo(2);
        assertThat(count("gru_step_f32", "launches")).isZero();
        assertThat(count("gru_step_backward_f32", "launches")).isZero();
    }

    /** On a card of 99 KiB a block, 46 KiB of weights fit beside what the forward pass has there, but not 92 backward. */
    @Test
    void whereTheBackwardPassHasNoRoomItRunsStepByStep() {
        assumeTrue(SimulatedDevice.isBuilt(), "only a simulated device has another compute capability on request");
        SimulatedDevice.load();
        SimulatedDevice.setOption("capability", "8.6");
        SimulatedDevice.setOption("multiprocessors", "46");
        try {
            RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 2, 1, 1, 368), 3);
            SimulatedDevice.resetCounts();
            requireBitsOfFusedSteps(given);
            assertThat(count("lstm_stretch_f32", "launches")).isEqualTo(1);
            assertThat(count("lstm_step_backward_f32", "launches")).isEqualTo(4);
        } finally {
            SimulatedDevice.setOption("capability", "9.0");
            SimulatedDevice.setOption("multiprocessors", "4");
        }
    }

    @Test
    void saysWhyItDeclines() {
        PersistentSteps steps = new PersistentSteps(new PersistentSize.Card(40, 64 << 10, true), () -> 0);
        assertThat(steps.unsupported(SPEC, 75)).isEmpty();
        assertThat(steps.unsupported(SPEC.withPrecision(Precision.BF16), 75))
                .contains("BF16 needs compute capability 8.0, the device has 7.5");
        assertThat(steps.unsupported(RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 512), 75))
                .contains(
                        "40 multiprocessors with 64 KiB of shared memory a block have no room for Wh of 512 units in F32");
        assertThat(new PersistentSteps(new PersistentSize.Card(40, 64 << 10, false), () -> 0).unsupported(SPEC, 75))
                .contains("the device cannot make all blocks of a launch run side by side");
    }
}
