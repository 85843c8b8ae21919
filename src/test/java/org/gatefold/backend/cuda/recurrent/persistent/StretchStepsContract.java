package org.gatefold.backend.cuda.recurrent.persistent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Map;
import org.gatefold.contract.Compare;
import org.gatefold.contract.Subject;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Scope;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs a stretch of steps in one launch gives the bits of {@code cuda.fused}; its {@code specs()} are tried. */
abstract class StretchStepsContract {
    private final String implementation;
    private final int units;
    private final int rows;

    /**
     * @param units of a layer whose blocks have one group each
     * @param rows of a batch over which several groups of blocks are spread
     */
    StretchStepsContract(String implementation, int units, int rows) {
        this.implementation = implementation;
        this.units = units;
        this.rows = rows;
    }

    @ParameterizedTest
    @MethodSource("specs")
    void givesTheBitsOfFusedSteps(RecurrentSpec spec) {
        requireBitsOfFusedSteps(RecurrentCase.random(spec, 3));
    }

    /** Now and then, a block or what it writes is late by many steps of the others. */
    @ParameterizedTest
    @ValueSource(strings = {"reverse", "random:1", "random:2", "random:3"})
    void theOrderOfThreadsBlocksAndWritesChangesNothing(String schedule) {
        assumeTrue(SimulatedDevice.isBuilt(), "only a simulated device has an order on request");
        SimulatedDevice.load();
        RecurrentCase given = RecurrentCase.random(
                RecurrentSpec.of(Cell.LSTM, 20, rows, 4, 37).withPrecision(Precision.BF16), 3);
        Map<String, float[]> usual = training(given);
        SimulatedDevice.setOption("schedule", schedule);
        try {
            Compare.assertSameBits(training(given), usual);
        } finally {
            SimulatedDevice.setOption("schedule", "forward");
        }
    }

    /** A launch takes 4096 steps at most. */
    @Test
    void longStretchesAreSeveralLaunches() {
        requireBitsOfFusedSteps(RecurrentCase.random(RecurrentSpec.of(Cell.RNN_TANH, 4099, 1, 1, units), 3));
    }

    final void requireBitsOfFusedSteps(RecurrentCase given) {
        Compare.assertSameBits(training(given), training("cuda.fused", given));
    }

    final Map<String, float[]> training(RecurrentCase given) {
        return training(implementation, given);
    }

    private static Map<String, float[]> training(String implementation, RecurrentCase given) {
        try (Subject subject = Subject.open("cuda:0", implementation, RecurrentOp.class);
                Scope scope = subject.device().openScope("test")) {
            return RecurrentRun.training(subject.operation(RecurrentOp.class), scope, given);
        }
    }

    /** What the simulated device counted of a kernel. */
    static int count(String kernel, String what) {
        JsonObject kernels = JsonParser.parseString(SimulatedDevice.counts())
                .getAsJsonObject()
                .getAsJsonObject("kernels");
        return kernels.has(kernel) ? kernels.getAsJsonObject(kernel).get(what).getAsInt() : 0;
    }
}
