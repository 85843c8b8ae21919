package org.gatefold.contract.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.gatefold.contract.CentralDifference;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients that implementations are compared with, against central differences of the forward pass, in doubles. */
class NaiveRecurrentTest {
    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-7;

    @ParameterizedTest
    @EnumSource(Cell.class)
    void gradientsAreCentralDifferences(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 4, 3, 3, 2).withLayers(2);
        check(RecurrentCase.random(spec.withDirection(Direction.BIDIRECTIONAL).withDropout(0.4f), 21));
        check(RecurrentCase.random(spec.withDirection(Direction.REVERSE), 22));
        if (cell.hasCellState()) {
            RecurrentCase clipped = RecurrentCase.random(spec.withCellClip(0.35f), 23);
            check(clipped);
            assertThat(NaiveRecurrent.training(clipped).get("y"))
                    .as("outputs that the clip changed")
                    .isNotEqualTo(
                            NaiveRecurrent.training(clipped.withSpec(spec)).get("y"));
        }
    }

    @ParameterizedTest
    @MethodSource("org.gatefold.contract.recurrent.RecurrentCases#options")
    void gradientsOfOptionsAreCentralDifferences(RecurrentSpec spec) {
        int units = spec.options().layerNorm() ? 7 : spec.projects() ? 3 : 2;
        RecurrentSpec small = RecurrentSpec.of(spec.cell(), 4, 3, spec.options().skipInput() ? units : 3, units)
                .withLayers(2)
                .withDirection(spec.direction())
                .withOptions(spec.options().withProjection(spec.projects() ? 2 : 0));
        RecurrentCase given = RecurrentCase.random(small, 24);
        check(given);
    }

    private static void check(RecurrentCase given) {
        NaiveRecurrent naive = new NaiveRecurrent(given);
        Map<String, double[]> gradients = NaiveRecurrent.training(given);
        check(naive, naive.x, gradients.get("dx"), "dx");
        check(naive, naive.h0, gradients.get("dh0"), "dh0");
        if (given.spec().cell().hasCellState()) {
            check(naive, naive.c0, gradients.get("dc0"), "dc0");
        }
        for (int set = 0; set < given.spec().weightSets(); set++) {
            if (!given.spec().skipsInput(set / given.spec().directions())) {
                check(naive, naive.wx, set, gradients, "dWx");
            }
            check(naive, naive.wh, set, gradients, "dWh");
            check(naive, naive.b, set, gradients, "db");
            if (given.spec().options().peepholes()) {
                check(naive, naive.p, set, gradients, "dp");
            }
            if (given.spec().options().layerNorm()) {
                check(naive, naive.norm, set, gradients, "dNorm");
            }
            if (given.spec().projects()) {
                check(naive, naive.wr, set, gradients, "dWr");
            }
        }
    }

    private static void check(
            NaiveRecurrent naive, List<double[]> values, int set, Map<String, double[]> gradients, String name) {
        String indexed = name + "[" + set + "]";
        check(naive, values.get(set), gradients.get(indexed), indexed);
    }

    private static void check(NaiveRecurrent naive, double[] values, double[] gradient, String name) {
        double largest = 1e-3;
        for (double element : gradient) {
            largest = Math.max(largest, Math.abs(element));
        }
        for (int i = 0; i < values.length; i++) {
            double expected = CentralDifference.slope(values, i, STEP, naive::loss);
            assertThat(Math.abs(gradient[i] - expected) / largest)
                    .as("normalised error of %s[%d] against its difference quotient %s", name, i, expected)
                    .isLessThan(TOLERANCE);
        }
    }
}
