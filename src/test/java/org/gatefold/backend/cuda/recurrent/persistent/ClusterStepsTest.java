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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * {@code cuda.cluster} gives the bits of {@code cuda.fused}, whose steps it runs, whatever comes first in a cluster. Isolated,
 * because the device's counts and compute capability are everyone's.
 */
@Isolated
class ClusterStepsTest extends StretchStepsContract {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 2);

    ClusterStepsTest() {
        super("cuda.cluster", 3, 11);
    }

    @BeforeEach
    void haveRoomForTheWidest() {
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.load();
            SimulatedDevice.setOption("multiprocessors", "16");
        }
    }

    @AfterEach
    void restore() {
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("multiprocessors", "4");
        }
    }

    /** Those of fused steps, and blocks with several groups of units, the last with fewer, and clusters with rows of their own. */
    static Stream<RecurrentSpec> specs() {
        return Stream.concat(
                FusedStepsTest.specs(), Stream.of(Precision.values()).flatMap(precision -> Stream.of(Cell.values())
                        .map(cell -> RecurrentSpec.of(cell, 6, 19, 5, cell == Cell.LSTM ? 83 : 150)
                                .withDirection(Direction.REVERSE)
                                .withPrecision(precision))));
    }

    @Test
    void aStretchIsOneLaunchThatReadsItsWeightsOnceACluster() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        int hidden = 64;
        int batch = 9;
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 50, batch, 1, hidden), 3);
        SimulatedDevice.resetCounts();
        training(given);
        assertThat(count("lstm_cluster_f32", "launches")).isEqualTo(1);
        assertThat(count("lstm_cluster_backward_f32", "launches")).isEqualTo(1);
        assertThat(count("lstm_step_f32", "launches")).isZero();
        assertThat(count("lstm_step_backward_f32", "launches")).isZero();
        // 49 steps are handed on, to 8 blocks forward; backward there are units for 4.
        assertThat(count("lstm_cluster_f32", "clusterWriteBytes")).isEqualTo(49 * batch * hidden * 4 * 8);
        assertThat(count("lstm_cluster_backward_f32", "clusterWriteBytes")).isEqualTo(49 * batch * 4 * hidden * 4 * 4);
    }

    /** 256 units in F32 are 128 KiB of weights a block in either pass, beside which 8 rows of gate gradients take 64 KiB each time. */
    @Test
    void whereTheBackwardPassHasNoRoomItRunsStepByStep() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 2, 1, 1, 264), 3);
        SimulatedDevice.resetCounts();
        requireBitsOfFusedSteps(given);
        assertThat(count("lstm_cluster_f32", "launches")).isEqualTo(1);
        assertThat(count("lstm_cluster_backward_f32", "launches")).isZero();
        assertThat(count("lstm_step_backward_f32", "launches")).isEqualTo(4);
    }

    @Test
    void saysWhyItDeclines() {
        ClusterSteps steps = new ClusterSteps(new ClusterSize.Card(132, 227 << 10, 228 << 10), () -> 0);
        assertThat(steps.unsupported(SPEC, 90)).isEmpty();
        assertThat(steps.unsupported(SPEC, 89))
                .contains("a cluster of blocks needs compute capability 9.0, the device has 8.9");
        assertThat(steps.unsupported(RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 512), 90))
                .contains("8 blocks on 132 multiprocessors, of 227 KiB of shared memory each, have no room for Wh of"
                        + " 512 units in F32");
        assertThat(new ClusterSteps(new ClusterSize.Card(3, 99 << 10, 100 << 10), () -> 0).unsupported(SPEC, 120))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("8 blocks on 3 multiprocessors"));
    }
}
