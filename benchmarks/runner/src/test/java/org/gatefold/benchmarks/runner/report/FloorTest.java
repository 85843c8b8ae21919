package org.gatefold.benchmarks.runner.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.NamedShapes;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement.Precision;
import org.junit.jupiter.api.Test;

/** The floor of a step, worked out by hand. */
class FloorTest {
    private static final LayerShape S2 = NamedShapes.all().get("S2");

    private static double floor(LayerShape shape, Pass pass, Precision precision, double teraflops) {
        return Floor.microsPerStep(shape, pass, precision, teraflops * 1e3);
    }

    @Test
    void forwardIsTheChainTheStateThatIsReadTheInputsProductAndTheLaunches() {
        double chain = 0.65 + 0.14 + 0.07 + 0.065 + 0.125;
        double state = 32 * 32 * 256 * 2 / 9.5e6;
        double input = 2.0 * 1024 * 128 * 32 / 700e6;
        double gates = 4.0 * (2 * 32 * 1024 + 32 * 128) / 9.5e6;
        assertEquals(chain + state + input + gates + 15.0 / 64, floor(S2, Pass.INFERENCE, Precision.F16, 700), 1e-12);
    }

    @Test
    void aSlowProductTakesThePlaceOfTheStateThatIsRead() {
        double difference = floor(S2, Pass.INFERENCE, Precision.F32, 10) - floor(S2, Pass.INFERENCE, Precision.F32, 20);
        assertEquals(2.0 * 1024 * (256 + 128) * 32 * (1 / 10e6 - 1 / 20e6), difference, 1e-12);
    }

    @Test
    void layersAddUpAndTrainingTakesLonger() {
        LayerShape deep = NamedShapes.all().get("S6");
        double two = floor(deep, Pass.INFERENCE, Precision.F16, 700);
        assertTrue(two > 2 * (floor(S2, Pass.INFERENCE, Precision.F16, 700) - 15.0 / 64));
        assertTrue(floor(deep, Pass.TRAINING_PASS, Precision.F16, 700) > 2 * two);
    }
}
