package org.gatefold.backend.cuda.recurrent.fused;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.contract.Compare;
import org.gatefold.contract.Subject;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Scope;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the suite does not see of {@code cuda.fused}: every precision over several tiles, segments and warps. */
public class FusedStepsTest {
    /** Errors that rounded operands are allowed, in units of their last place, as in the suite. */
    private static final double UNITS = 5;

    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 2, 2, 2, 2);

    private static double tolerance(Precision precision) {
        return precision == Precision.F32 ? 1e-5 : UNITS * Math.scalb(1.0, -precision.significantBits());
    }

    public static Stream<RecurrentSpec> specs() {
        return Stream.of(Precision.values()).flatMap(precision -> Stream.of(Cell.values())
                .flatMap(FusedStepsTest::specs)
                .map(spec -> spec.withPrecision(precision)));
    }

    private static Stream<RecurrentSpec> specs(Cell cell) {
        return Stream.of(
                RecurrentSpec.of(cell, 3, 37, 9, 150),
                RecurrentSpec.of(cell, 5, 9, 12, 64)
                        .withDirection(Direction.BIDIRECTIONAL)
                        .withLayers(2)
                        .withDropout(0.4f)
                        .withCellClip(cell == Cell.LSTM ? 0.7f : 0f),
                RecurrentSpec.of(cell, 6, 3, 4, 13)
                        .withDirection(Direction.REVERSE)
                        .withRecomputeSegment(4));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void agreesWithTheOracleAndRepeatsBitForBit(RecurrentSpec spec) {
        RecurrentCase given = RecurrentCase.random(spec, 3);
        try (Subject subject = Subject.open("cuda:0", "cuda.fused", RecurrentOp.class);
                Scope scope = subject.device().openScope("test")) {
            RecurrentOp op = subject.operation(RecurrentOp.class);
            Map<String, float[]> trained = RecurrentRun.training(op, scope, given);
            assertThat(Compare.differences(trained, NaiveRecurrent.training(given), tolerance(spec.precision())))
                    .isEmpty();
            Compare.assertSameBits(RecurrentRun.training(op, scope, given.withPadding(3f)), trained);
        }
    }

    @Test
    void saysWhyItDeclines() {
        FusedSteps steps = new FusedSteps();
        assertThat(steps.unsupported(SPEC.withPrecision(Precision.TF32), 75))
                .contains("TF32 needs compute capability 8.0, the device has 7.5");
        assertThat(steps.unsupported(SPEC.withPrecision(Precision.BF16), 75))
                .contains("BF16 needs compute capability 8.0, the device has 7.5");
        assertThat(steps.unsupported(SPEC.withPrecision(Precision.F16), 75)).isEmpty();
        assertThat(steps.unsupported(SPEC, 70)).isEmpty();
        assertThat(steps.unsupported(RecurrentSpec.of(Cell.GRU, 2, 2, 2, 2), 90))
                .isEmpty();
        assertThat(steps.unsupported(SPEC.withSize(2, 2_000_000), 90))
                .contains("its grids take up to 1048560 rows, not 2000000");
    }
}
