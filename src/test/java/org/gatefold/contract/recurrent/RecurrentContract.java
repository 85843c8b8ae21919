package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.gatefold.contract.Compare;
import org.gatefold.contract.Guarded;
import org.gatefold.contract.OperationContract;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.device.Scope;
import org.gatefold.golden.RecurrentGolden;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation of recurrent layers is held to. */
public abstract class RecurrentContract extends OperationContract<RecurrentOp> {
    /**
     * Normalised error that products of rounded operands are allowed, in units of the format's last place: where two
     * implementations round the last bit of a state differently, an operand jumps to the neighbouring number.
     */
    private static final double ROUNDED_TOLERANCE = 5;

    public RecurrentContract() {
        super(RecurrentOp.class);
    }

    /** Whether the implementation may decline a spec; by default, anything in single precision must be taken. */
    protected boolean mayDecline(RecurrentSpec spec) {
        return spec.precision() != Precision.F32;
    }

    /**
     * Whether passes in segments, as recomputing takes them, give the same bits as whole ones. Where a library's products
     * sum in an order of its own that depends on their size, they give the same to single precision.
     */
    protected boolean recomputesToTheBit() {
        return true;
    }

    private void require(RecurrentSpec spec) {
        for (Mode mode : Mode.values()) {
            op.unsupported(spec, mode).ifPresent(reason -> {
                if (!mayDecline(spec)) {
                    Assertions.fail(implementation + " declines " + spec + ": " + reason);
                }
                Assumptions.abort(implementation + " declines: " + reason);
            });
        }
    }

    static List<RecurrentSpec> standard() {
        return RecurrentCases.standard();
    }

    static List<RecurrentGolden> golden() {
        return RecurrentGolden.all();
    }

    @ParameterizedTest
    @MethodSource("golden")
    void givesTheValuesOfOtherSystems(RecurrentGolden golden) {
        require(golden.given().spec());
        Map<String, float[]> actual = RecurrentRun.training(op, scope, golden.given());
        golden.expected().forEach((name, expected) -> {
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) actual.get(name)[i])
                        .as("%s[%d] of %s", name, i, golden)
                        .isEqualTo(expected[i], org.assertj.core.api.Assertions.within(golden.tolerance()));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("standard")
    void agreesWithTheEquations(RecurrentSpec spec) {
        require(spec);
        assertAgrees(RecurrentCase.random(spec, 1));
        assertAgrees(RecurrentCase.random(spec, null, 2));
    }

    static List<RecurrentSpec> options() {
        return RecurrentCases.options();
    }

    @ParameterizedTest
    @MethodSource("options")
    void agreesWithTheEquationsOfOptions(RecurrentSpec spec) {
        require(spec);
        assertAgrees(RecurrentCase.random(spec, 1));
        assertAgrees(RecurrentCase.random(spec, null, 2));
        recomputesTheSame(spec, new int[] {2});
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void agreesWhereArgumentsAreNotGiven(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 5, 3, 4, 11).withLayers(2).withDirection(Direction.BIDIRECTIONAL);
        require(spec);
        RecurrentCase full = RecurrentCase.random(spec, 3);
        assertAgrees(full.withInitial(null, null));
        assertAgrees(full.withGradients(null, full.dhn(), full.dcn()));
        assertAgrees(full.withGradients(full.dy(), null, null));
        assertAgrees(full.withInitial(null, null).withGradients(full.dy(), null, null));
    }

    @Test
    void agreesOnTwoHundredDrawnSpecs() {
        for (int seed = 0; seed < 200; seed++) {
            RecurrentSpec spec = RecurrentCases.drawn(seed);
            if (op.unsupported(spec, Mode.TRAINING).isPresent() && mayDecline(spec)) {
                continue;
            }
            assertAgrees(RecurrentCase.random(spec, seed));
            scope.reset();
        }
    }

    private void assertAgrees(RecurrentCase given) {
        Map<String, float[]> inferred = RecurrentRun.inference(op, scope, given);
        assertThat(Compare.differences(inferred, NaiveRecurrent.inference(given), TOLERANCE))
                .as("inference of %s", given)
                .isEmpty();
        Map<String, float[]> trained = RecurrentRun.training(op, scope, given);
        assertThat(Compare.differences(trained, NaiveRecurrent.training(given), TOLERANCE))
                .as("training of %s", given)
                .isEmpty();
        assertPaddingIsZero(given, trained);
    }

    private static void assertPaddingIsZero(RecurrentCase given, Map<String, float[]> results) {
        RecurrentSpec spec = given.spec();
        for (String name : List.of("y", "dx")) {
            float[] values = results.get(name);
            int width = values.length / spec.steps() / spec.batch();
            for (int i = 0; i < values.length; i++) {
                if (i / width / spec.batch() >= given.length(i / width % spec.batch()) && values[i] != 0f) {
                    assertThat(values[i])
                            .as("%s[%d] in padding of %s", name, i, given)
                            .isZero();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("standard")
    void trainingForwardEqualsInferenceBitForBit(RecurrentSpec spec) {
        RecurrentSpec plain = spec.withDropout(0f);
        require(plain);
        RecurrentCase given = RecurrentCase.random(plain, 4);
        Map<String, float[]> inferred = RecurrentRun.inference(op, scope, given);
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            run.forward();
            if (plain.recomputeSegment() == 0) {
                Compare.assertSameBits(run.outputs(), inferred);
            } else {
                assertSameAsRecomputed(run.outputs(), inferred);
            }
            run.infer();
            Compare.assertSameBits(run.outputs(), inferred);
        }
    }

    @ParameterizedTest
    @MethodSource("standard")
    void repeatsBitForBit(RecurrentSpec spec) {
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, 5);
        Compare.assertSameBits(
                RecurrentRun.training(op, scope, given), RecurrentRun.training(op, scope, given.withPadding(7f)));
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void accumulatesExactlyTwice(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 7, 3, 5, 11)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f);
        require(spec);
        try (RecurrentRun run = new RecurrentRun(op, scope, RecurrentCase.random(spec, 6), Mode.TRAINING)) {
            run.forward();
            run.backward();
            Map<String, float[]> once = run.weightGradients();
            run.forward();
            run.backward();
            Map<String, float[]> twice = run.weightGradients();
            once.forEach((name, values) -> {
                float[] doubled = values.clone();
                for (int i = 0; i < doubled.length; i++) {
                    doubled[i] *= 2;
                }
                Compare.assertSameBits(name, twice.get(name), doubled);
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void recomputingGivesTheSame(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 7, 5, 6, 13)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f)
                .withCellClip(cell.hasCellState() ? 0.6f : 0f);
        require(spec);
        recomputesTheSame(spec, new int[] {1, 2, 3, 7, 20});
    }

    private void recomputesTheSame(RecurrentSpec spec, int[] segments) {
        RecurrentCase given = RecurrentCase.random(spec, 7);
        Map<String, float[]> kept = RecurrentRun.training(op, scope, given);
        for (int segment : segments) {
            RecurrentCase recomputed = given.withSpec(spec.withRecomputeSegment(segment));
            require(recomputed.spec());
            Map<String, float[]> again = RecurrentRun.training(op, scope, recomputed);
            assertSameAsRecomputed(again, kept);
        }
    }

    private void assertSameAsRecomputed(Map<String, float[]> recomputed, Map<String, float[]> kept) {
        if (recomputesToTheBit()) {
            Compare.assertSameBits(recomputed, kept);
        } else {
            kept.forEach((name, values) ->
                    Compare.assertClose(name, recomputed.get(name), Compare.doubles(values), TOLERANCE));
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void dropoutMasksFollowTheSeed(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 3, 3, 4, 9).withLayers(2).withDropout(0.5f);
        require(spec);
        Assumptions.assumeTrue(op.reproducibleDropout(), implementation + " has masks of its own");
        RecurrentCase given = RecurrentCase.random(spec, 8);
        for (long seed : new long[] {0, -1, 1L << 40, Long.MIN_VALUE}) {
            assertAgrees(given.withSeed(seed));
        }
        assertThat(RecurrentRun.training(op, scope, given.withSeed(1)).get("y"))
                .isNotEqualTo(
                        RecurrentRun.training(op, scope, given.withSeed(2)).get("y"));
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void masksOfCellsFollowTheSeed(Cell cell) {
        RecurrentSpec plain = RecurrentSpec.of(cell, 3, 3, 4, 9);
        for (CellNoise noise : List.of(
                CellNoise.NONE.withZoneout(0.5f, 0f),
                CellNoise.NONE.withRecurrentDropout(0.5f),
                CellNoise.NONE.withZoneout(0f, cell.hasCellState() ? 0.5f : 0f).withCandidateDropout(0.5f))) {
            RecurrentSpec spec = plain.withOptions(CellOptions.PLAIN.withNoise(noise));
            require(spec);
            RecurrentCase given = RecurrentCase.random(spec, 8);
            for (long seed : new long[] {0, -1, 1L << 40, Long.MIN_VALUE}) {
                assertAgrees(given.withSeed(seed));
            }
            assertThat(RecurrentRun.training(op, scope, given.withSeed(1)).get("y"))
                    .isNotEqualTo(
                            RecurrentRun.training(op, scope, given.withSeed(2)).get("y"));
            RecurrentCase expected = given.withSpec(plain.withOptions(CellOptions.PLAIN.withNoise(noise.inference())));
            Compare.assertSameBits(
                    "y",
                    RecurrentRun.training(op, scope, expected).get("y"),
                    RecurrentRun.inference(op, scope, given).get("y"));
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void truncatedBackPropagationCarriesTheState(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 7, 5, 4, 11).withLayers(2);
        require(spec);
        RecurrentCase whole = RecurrentCase.random(spec, 9);
        float[] h = whole.h0();
        float[] c = whole.c0();
        List<Float> joined = new ArrayList<>();
        for (int[] window : new int[][] {{0, 3}, {3, 1}, {4, 3}}) {
            RecurrentCase part = whole.window(window[0], window[1], h, c);
            Map<String, float[]> actual = RecurrentRun.training(op, scope, part);
            assertThat(Compare.differences(actual, NaiveRecurrent.training(part), TOLERANCE))
                    .isEmpty();
            h = actual.get("hn");
            c = actual.get("cn");
            for (float value : actual.get("y")) {
                joined.add(value);
            }
        }
        float[] y = new float[joined.size()];
        for (int i = 0; i < y.length; i++) {
            y[i] = joined.get(i);
        }
        Map<String, double[]> expected = NaiveRecurrent.inference(whole);
        Compare.assertClose("y", y, expected.get("y"), TOLERANCE);
        Compare.assertClose("hn", h, expected.get("hn"), TOLERANCE);
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void tensorsNeedNoAlignmentBeyondTheirElements(Cell cell) {
        needsNoAlignment(RecurrentSpec.of(cell, 3, 5, 7, 16));
    }

    @Test
    void peepholesNeedNoAlignmentBeyondTheirElements() {
        needsNoAlignment(RecurrentSpec.of(Cell.LSTM, 3, 5, 7, 16).withOptions(CellOptions.PLAIN.withPeepholes(true)));
    }

    @Test
    void aResetGateBeforeNeedsNoAlignmentBeyondElements() {
        needsNoAlignment(RecurrentSpec.of(Cell.GRU, 3, 5, 7, 16).withOptions(CellOptions.PLAIN.withResetBefore(true)));
    }

    private void needsNoAlignment(RecurrentSpec oneLayer) {
        RecurrentSpec spec = oneLayer.withLayers(2).withDirection(Direction.BIDIRECTIONAL);
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, 10);
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING, Guarded.MISALIGNED)) {
            run.forward();
            run.backward();
            assertThat(Compare.differences(run.results(), NaiveRecurrent.training(given), TOLERANCE))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void whatIsNotWantedChangesNothingElse(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 3, 3, 5, 7).withLayers(2).withDirection(Direction.BIDIRECTIONAL);
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, 11);
        Map<String, float[]> full = RecurrentRun.training(op, scope, given);
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            run.plan.forward(run.x, run.lengths, run.initial, run.y, null, run.reserve, given.seed());
            Compare.assertSameBits("y", run.y.toFloats(), full.get("y"));
            run.plan.backward(
                    run.x, run.lengths, run.initial, run.y, run.dy, run.dLast, null, null, run.dWeights, run.reserve);
            run.weightGradients().forEach((name, values) -> Compare.assertSameBits(name, values, full.get(name)));
            run.forward();
            run.plan.backward(
                    run.x, run.lengths, run.initial, run.y, run.dy, run.dLast, run.dx, run.dInitial, null, run.reserve);
            for (String name : List.of("dx", "dh0")) {
                Compare.assertSameBits(name, run.results().get(name), full.get(name));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void severalForwardPassesMayWaitForTheirBackwardPasses(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 5, 3, 4, 9).withLayers(2).withDropout(0.25f);
        require(spec);
        RecurrentCase first = RecurrentCase.random(spec, 12);
        RecurrentCase second = RecurrentCase.random(spec, 13);
        Map<String, float[]> expected = RecurrentRun.training(op, scope, first);
        try (RecurrentRun run = new RecurrentRun(op, scope, first, Mode.TRAINING);
                RecurrentRun other = new RecurrentRun(op, scope, second, Mode.TRAINING)) {
            run.forward();
            Reserve waiting = run.plan.reserve(scope);
            Tensor y = scope.f32("y", run.y.shape());
            run.plan.forward(other.x, other.lengths, other.initial, y, null, waiting, 99);
            run.plan.infer(other.x, other.lengths, other.initial, y, null);
            run.backward();
            Compare.assertSameBits(run.results(), expected);
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void weightsAreTakenWhenTheyAreSet(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 3, 3, 4, 9);
        require(spec);
        RecurrentCase first = RecurrentCase.random(spec, 14);
        RecurrentCase second = RecurrentCase.random(spec, 15);
        Map<String, float[]> expected = RecurrentRun.training(op, scope, first);
        try (RecurrentRun run = new RecurrentRun(op, scope, first, Mode.TRAINING);
                RecurrentRun other = new RecurrentRun(op, scope, second, Mode.TRAINING)) {
            run.plan.setWeights(other.weights);
            run.forward();
            assertThat(run.y.toFloats()).isNotEqualTo(expected.get("y"));
            run.plan.setWeights(run.weights);
            run.forward();
            run.backward();
            Compare.assertSameBits(run.results(), expected);
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void largeInputsSaturateAndNanStaysInItsRow(Cell cell) {
        RecurrentSpec spec = RecurrentSpec.of(cell, 3, 3, 4, 17);
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, null, 16).withInitial(null, null);
        RecurrentCase clean = RecurrentCase.random(spec, null, 16).withInitial(null, null);
        for (int step = 0; step < spec.steps(); step++) {
            for (int i = 0; i < spec.inputSize(); i++) {
                given.x()[(step * spec.batch()) * spec.inputSize() + i] = i % 2 == 0 ? 1e6f : -1e7f;
                given.x()[(step * spec.batch() + 1) * spec.inputSize() + i] = Float.NaN;
            }
        }
        float[] y = RecurrentRun.inference(op, scope, given).get("y");
        float[] untouched = RecurrentRun.inference(op, scope, clean).get("y");
        for (int i = 0; i < y.length; i++) {
            int row = i / spec.hiddenSize() % spec.batch();
            if (row == 0 && cell != Cell.RNN_RELU) {
                assertThat(y[i]).as("y[%d] of large inputs", i).isBetween(-1f, 1f);
            } else if (row == 1) {
                assertThat(y[i]).as("y[%d] of NaN inputs", i).isNaN();
            } else if (row == 2) {
                assertThat(y[i]).as("y[%d] beside others' NaN", i).isEqualTo(untouched[i]);
            }
        }
    }

    static Stream<Arguments> cellsInHalfPrecisions() {
        return RecurrentCases.cellsIn(Precision.BF16, Precision.F16);
    }

    @ParameterizedTest
    @MethodSource("cellsInHalfPrecisions")
    void halfPrecisionsRoundTheOperandsOfProducts(Cell cell, Precision precision) {
        RecurrentSpec single = RecurrentSpec.of(cell, 5, 5, 24, 32).withDirection(Direction.BIDIRECTIONAL);
        RecurrentSpec spec = single.withPrecision(precision);
        if (op.unsupported(spec, Mode.TRAINING).isPresent()) {
            assertRefuses(spec);
            return;
        }
        RecurrentCase given = RecurrentCase.random(spec, 17);
        Map<String, float[]> actual = RecurrentRun.training(op, scope, given);
        double tolerance = ROUNDED_TOLERANCE * Math.scalb(1.0, -precision.significantBits());
        assertThat(Compare.differences(actual, NaiveRecurrent.training(given), tolerance))
                .isEmpty();
        assertThat(Compare.differences(actual, NaiveRecurrent.training(given.withSpec(single)), 1e-4))
                .as("tensors that show the rounding")
                .isNotEmpty();
    }

    /** A ReLU unit whose only weight is 1 outputs its rounded input. */
    @Test
    void f16KeepsSubnormalNumbersAndOverflowsToInfinity() {
        float[] given = {0x1.8p-24f, 0x1p-25f, 1 + 0x1p-11f, 1 + 0x3p-11f, 65519, 65520};
        float[] rounded = {0x1p-23f, 0, 1, 1 + 0x1p-9f, 65504, Float.POSITIVE_INFINITY};
        RecurrentSpec spec =
                RecurrentSpec.of(Cell.RNN_RELU, 1, given.length, 16, 16).withPrecision(Precision.F16);
        if (op.unsupported(spec, Mode.TRAINING).isPresent()) {
            assertRefuses(spec);
            return;
        }
        RecurrentCase one = RecurrentCase.random(spec, null, 21).withInitial(null, null);
        Stream.of(one.x(), one.wx().get(0), one.wh().get(0), one.b().get(0)).forEach(values -> Arrays.fill(values, 0));
        one.wx().get(0)[0] = 1;
        for (int row = 0; row < given.length; row++) {
            one.x()[row * spec.inputSize()] = given[row];
        }
        float[] y = RecurrentRun.inference(op, scope, one).get("y");
        for (int row = 0; row < given.length; row++) {
            assertThat(y[row * spec.hiddenSize()]).as("%s rounded", given[row]).isEqualTo(rounded[row]);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // there is no plan to close
    private void assertRefuses(RecurrentSpec spec) {
        String reason = op.unsupported(spec, Mode.TRAINING).orElseThrow();
        assertThat(reason).isNotBlank();
        assertThatThrownBy(() -> op.plan(scope, spec, Mode.TRAINING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(implementation + " declines " + spec + ": " + reason);
    }

    @Test
    void manyThreadsRunPlansOfTheirOwnOnSharedWeights() throws InterruptedException, ExecutionException {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 7, 6, 8, 24).withDirection(Direction.BIDIRECTIONAL);
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, 18);
        Map<String, float[]> expected = RecurrentRun.training(op, scope, given);
        RecurrentWeights shared = null;
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (RecurrentRun owner = new RecurrentRun(op, scope, given, Mode.INFERENCE)) {
            shared = owner.weights;
            List<Future<List<Map<String, float[]>>>> runs = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                RecurrentWeights weights = shared;
                runs.add(pool.submit(() -> repeatInOwnScope(given, weights)));
            }
            for (Future<List<Map<String, float[]>>> run : runs) {
                for (Map<String, float[]> actual : run.get()) {
                    Compare.assertSameBits(actual, expected);
                }
            }
        } finally {
            pool.shutdown();
        }
    }

    private List<Map<String, float[]>> repeatInOwnScope(RecurrentCase given, RecurrentWeights weights) {
        List<Map<String, float[]>> results = new ArrayList<>();
        try (Scope own = subject.device().openScope("thread")) {
            for (int i = 0; i < 10; i++) {
                try (RecurrentRun run = new RecurrentRun(op, own, given, Mode.TRAINING)) {
                    run.plan.setWeights(weights);
                    run.forward();
                    run.backward();
                    results.add(run.results());
                }
                own.reset();
            }
        }
        return results;
    }

    @Test
    void stepsAfterTheFirstTakeNoMemory() {
        RecurrentSpec spec =
                RecurrentSpec.of(Cell.LSTM, 5, 4, 6, 16).withLayers(2).withDropout(0.1f);
        require(spec);
        RecurrentCase given = RecurrentCase.random(spec, 19);
        long after = 0;
        for (int i = 0; i < 4; i++) {
            Map<String, float[]> results = new LinkedHashMap<>(RecurrentRun.training(op, scope, given));
            assertThat(results).isNotEmpty();
            scope.reset();
            if (i == 0) {
                after = subject.device().bytesInUse();
            }
            assertThat(subject.device().bytesInUse()).isEqualTo(after);
        }
    }

    @Test
    void reserveHoldsWhatTheFootprintSays() {
        for (RecurrentSpec spec : RecurrentCases.standard()) {
            require(spec);
            try (RecurrentPlan plan = op.plan(scope, spec, Mode.TRAINING)) {
                long promised = op.footprint(spec, Mode.TRAINING).reserve();
                assertThat(plan.reserve(scope).memory().bytes())
                        .as("reserve of %s", spec)
                        .isBetween(promised, promised + 256);
            }
        }
    }

    @Test
    void badArgumentsGiveTheSameMessagesEverywhere() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 3, 2, 4, 5);
        require(spec);
        RecurrentMessages.check(op, scope, RecurrentCase.random(spec, 20));
    }

    @Test
    void namesItself() {
        assertThat(op.name()).isEqualTo(implementation);
        assertThat(Arrays.asList(op.name().split("\\."))).doesNotContain("");
    }
}
