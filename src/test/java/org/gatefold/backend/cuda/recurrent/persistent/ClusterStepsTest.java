package org.gatefold.backend.cuda.recurrent.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.backend.cuda.recurrent.fused.FusedStepsTest;
import org.gatefold.contract.Compare;
import org.gatefold.contract.Subject;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Scope;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code cuda.cluster} gives the bits of {@code cuda.fused}, whose steps it runs, whatever comes first in a cluster. Isolated,
 * because the device's counts and compute capability are everyone's.
 */
@Isolated
class ClusterStepsTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 2);

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

    @ParameterizedTest
    @MethodSource("specs")
    void givesTheBitsOfFusedSteps(RecurrentSpec spec) {
        RecurrentCase given = RecurrentCase.random(spec, 3);
        Compare.assertSameBits(training("cuda.cluster", given), training("cuda.fused", given));
    }

    private static Map<String, float[]> training(String implementation, RecurrentCase given) {
        try (Subject subject = Subject.open("cuda:0", implementation, RecurrentOp.class);
                Scope scope = subject.device().openScope("test")) {
            return RecurrentRun.training(subject.operation(RecurrentOp.class), scope, given);
        }
    }

    /** Writes to other blocks come in any order and late, and now and then a block is late by many steps of the others. */
    @ParameterizedTest
    @ValueSource(strings = {"reverse", "random:1", "random:2", "random:3"})
    void theOrderOfThreadsBlocksAndWritesChangesNothing(String schedule) {
        assumeTrue(SimulatedDevice.isBuilt(), "only a simulated device has an order on request");
        RecurrentCase given =
                RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 20, 11, 4, 37).withPrecision(Precision.BF16), 3);
        Map<String, float[]> usual = training("cuda.cluster", given);
        SimulatedDevice.setOption("schedule", schedule);
        try {
            Compare.assertSameBits(training("cuda.cluster", given), usual);
        } finally {
            SimulatedDevice.setOption("schedule", "forward");
        }
    }

    /** A launch takes 4096 steps at most. */
    @Test
    void longStretchesAreSeveralLaunches() {
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.RNN_TANH, 4099, 1, 1, 3), 3);
        Compare.assertSameBits(training("cuda.cluster", given), training("cuda.fused", given));
    }

    @Test
    void aStretchIsOneLaunchThatReadsItsWeightsOnceACluster() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        int hidden = 64;
        int batch = 9;
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 50, batch, 1, hidden), 3);
        SimulatedDevice.resetCounts();
        training("cuda.cluster", given);
        assertThat(count("lstm_cluster_f32", "launches")).isEqualTo(1);
        assertThat(count("lstm_cluster_backward_f32", "launches")).isEqualTo(1);
        assertThat(count("lstm_step_f32", "launches")).isZero();
        assertThat(count("lstm_step_backward_f32", "launches")).isZero();
        // 49 steps are handed on, to 8 blocks forward; backward there are units for 4.
        assertThat(count("lstm_cluster_f32", "clusterWriteBytes")).isEqualTo(49 * batch * hidden * 4 * 8);
        assertThat(count("lstm_cluster_backward_f32", "clusterWriteBytes")).isEqualTo(49 * batch * 4 * hidden * 4 * 4);
    }

    private static int count(String kernel, String what) {
        JsonObject kernels = JsonParser.parseString(SimulatedDevice.counts())
                .getAsJsonObject()
                .getAsJsonObject("kernels");
        return kernels.has(kernel) ? kernels.getAsJsonObject(kernel).get(what).getAsInt() : 0;
    }

    /** 256 units in F32 are 128 KiB of weights a block in either pass, beside which 8 rows of gate gradients take 64 KiB each time. */
    @Test
    void whereTheBackwardPassHasNoRoomItRunsStepByStep() {
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        RecurrentCase given = RecurrentCase.random(RecurrentSpec.of(Cell.LSTM, 2, 1, 1, 264), 3);
        SimulatedDevice.resetCounts();
        Compare.assertSameBits(training("cuda.cluster", given), training("cuda.fused", given));
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
