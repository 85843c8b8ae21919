package org.gatefold.backend.cuda.recurrent.fused;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
        check("cuda.fused", spec, tolerance(spec.precision()));
    }

    static Stream<RecurrentSpec> specsOfF32() {
        return specs().filter(spec -> spec.precision() == Precision.F32);
    }

    /** Close to what ordinary arithmetic gives: 2^-20 is what both are held to, 1e-5 what the suite allows. */
    @ParameterizedTest
    @MethodSource("specsOfF32")
    void threeProductsOfPartsAreAsCloseAsOrdinaryArithmetic(RecurrentSpec spec) {
        check("cuda.fused", spec, 0x1p-20);
        check("cuda.fused.tf32x3", spec, 0x1p-20);
    }

    private static void check(String implementation, RecurrentSpec spec, double tolerance) {
        RecurrentCase given = RecurrentCase.random(spec, 3);
        try (Subject subject = Subject.open("cuda:0", implementation, RecurrentOp.class);
                Scope scope = subject.device().openScope("test")) {
            RecurrentOp op = subject.operation(RecurrentOp.class);
            Map<String, float[]> trained = RecurrentRun.training(op, scope, given);
            assertThat(Compare.differences(trained, NaiveRecurrent.training(given), tolerance))
                    .isEmpty();
            Compare.assertSameBits(RecurrentRun.training(op, scope, given.withPadding(3f)), trained);
        }
    }

    /**
     * One number of h is not 0 in each row, so that a rectified unit is one product: off by 3 * 2^-22 of it, and by three sums, which
     * tensor cores may truncate.
     */
    @Test
    void aProductOfPartsIsOffByAsLittleAsPromised() {
        int hidden = 75;
        int batch = 75;
        RecurrentSpec spec = RecurrentSpec.of(Cell.RNN_RELU, 1, batch, 1, hidden);
        Random random = new Random(5);
        float[] wh = new float[hidden * hidden];
        for (int i = 0; i < wh.length; i++) {
            wh[i] = (float) Math.abs(random.nextGaussian());
        }
        float[] h = new float[batch * hidden];
        for (int row = 0; row < batch; row++) {
            h[row * hidden + row] = 1 + random.nextFloat();
        }
        int[] lengths = new int[batch];
        Arrays.fill(lengths, 1);
        RecurrentCase given = new RecurrentCase(
                spec,
                lengths,
                new float[batch],
                h,
                null,
                List.of(new float[hidden]),
                List.of(wh),
                List.of(new float[hidden]),
                List.of(),
                new float[batch * hidden],
                new float[batch * hidden],
                null,
                0);
        try (Subject subject = Subject.open("cuda:0", "cuda.fused.tf32x3", RecurrentOp.class);
                Scope scope = subject.device().openScope("test")) {
            float[] y = RecurrentRun.inference(subject.operation(RecurrentOp.class), scope, given)
                    .get("y");
            for (int row = 0; row < batch; row++) {
                for (int unit = 0; unit < hidden; unit++) {
                    double product = (double) wh[unit * hidden + row] * h[row * hidden + row];
                    assertThat(y[row * hidden + unit] / product)
                            .as("row %d, unit %d", row, unit)
                            .isCloseTo(1, within(3 * 0x1p-22 + 3 * 0x1p-23));
                }
            }
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
        assertThat(FusedSteps.inParts().unsupported(SPEC, 75))
                .contains("TF32X3 needs compute capability 8.0, the device has 7.5");
        assertThat(FusedSteps.inParts().unsupported(SPEC, 80)).isEmpty();
        assertThat(FusedSteps.inParts().unsupported(SPEC.withPrecision(Precision.TF32), 80))
                .contains("it multiplies in F32, not in TF32");
    }
}
