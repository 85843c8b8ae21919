package org.gatefold.benchmarks.runner.heat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.runner.measure.Distribution;
import org.junit.jupiter.api.Test;

class BenchmarkSettingsTest {
    private static BenchmarkSettings parse(String... arguments) {
        return BenchmarkSettings.parse(Path.of("benchmarks"), List.of(arguments));
    }

    @Test
    void takesNamedShapesAndSizes() {
        assertEquals(
                List.of("S2", "S6"),
                List.copyOf(parse("--shapes", "S2,S6").shapes().keySet()));
        assertEquals(
                new LayerShape(3, 4, 5, 6, 2, 2, true),
                parse("--shapes", "T3,B4,I5,H6,L2,D2,S1").shapes().get("T3,B4,I5,H6,L2,D2,S1"));
        assertEquals(Set.of(Pass.TRAINING_PASS), parse("--passes", "fwd+bwd").passes());
    }

    @Test
    void namesWhatItDoesNotKnow() {
        assertThrows(IllegalArgumentException.class, () -> parse("--shapes", "S9"));
        assertThrows(IllegalArgumentException.class, () -> parse("--passes", "backward"));
        assertThrows(IllegalArgumentException.class, () -> parse("--rounds", "0"));
        assertThrows(IllegalArgumentException.class, () -> parse("--rounds"));
        assertThrows(IllegalArgumentException.class, () -> parse("--speed", "fast"));
    }

    @Test
    void aDeviceIsMeasuredInThePrecisionsAskedFor() {
        BenchmarkSettings settings = parse("--device", "cuda:0", "--precisions", "F16,TF32");
        DeviceChoice device = settings.device().orElseThrow();
        assertEquals(Set.of(Placement.Precision.F16, Placement.Precision.TF32), device.precisions());
        assertNull(device.simulator());
        assertFalse(settings.start() || settings.sweep());
        assertTrue(parse("--device", "cuda:0", "--simulated").shapes().containsKey("tiny-gru"));
        assertThrows(IllegalArgumentException.class, () -> parse("--simulated"));
        assertThrows(IllegalArgumentException.class, () -> parse("--precisions", "F16"));
        assertThrows(IllegalArgumentException.class, () -> parse("--device", "cuda:0", "--precisions", "F8"));
    }

    @Test
    void theRowsOfDeepBenchHaveItsFigures() {
        BenchmarkSettings settings = parse("--shapes", "deepbench");
        assertEquals(41, settings.shapes().size());
        LayerShape shape = settings.shapes().get("gru-H2816-B32-T187");
        assertEquals(new LayerShape(Cell.GRU, 187, 32, 2816, 2816, 1, 1, false), shape);
        assertEquals(25.659, published("gru-H2816-B32-T187", shape, Pass.INFERENCE, Placement.Precision.F16), 1e-9);
        assertEquals(96.343, published("gru-H2816-B32-T187", shape, Pass.TRAINING_PASS, Placement.Precision.F32), 1e-9);
        assertTrue(
                DeepBench.publishedMillis(new Heat("S1", shape, Pass.INFERENCE, Optional.of(Placement.Precision.F16)))
                        .isEmpty());
    }

    private static double published(String name, LayerShape shape, Pass pass, Placement.Precision precision) {
        return DeepBench.publishedMillis(new Heat(name, shape, pass, Optional.of(precision)))
                .orElseThrow();
    }

    @Test
    void shapesAreReadAsTheyAreWritten() {
        for (LayerShape shape :
                List.of(new LayerShape(3, 4, 5, 6, 2, 2, true), new LayerShape(Cell.GRU, 1, 2, 3, 4, 1, 1, false))) {
            assertEquals(shape, LayerShape.parse(shape.toString()));
        }
        assertThrows(IllegalArgumentException.class, () -> LayerShape.parse("T1,B2,I3,H4,L1,D1"));
        assertThrows(IllegalArgumentException.class, () -> LayerShape.parse("T1,B2,I3,H4,L1,D1,S0,RNN"));
    }

    @Test
    void quantilesInterpolate() {
        Distribution distribution = new Distribution(new long[] {40, 10, 20, 30});
        assertEquals(25, distribution.median());
        assertEquals(10, distribution.quantile(0));
        assertEquals(40, distribution.quantile(1));
        assertEquals(13, distribution.quantile(0.1), 1e-9);
    }
}
