package org.gatefold.benchmarks.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;
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
                new LstmShape(3, 4, 5, 6, 2, 2, true),
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
    void quantilesInterpolate() {
        Distribution distribution = new Distribution(new long[] {40, 10, 20, 30});
        assertEquals(25, distribution.median());
        assertEquals(10, distribution.quantile(0));
        assertEquals(40, distribution.quantile(1));
        assertEquals(13, distribution.quantile(0.1), 1e-9);
    }
}
