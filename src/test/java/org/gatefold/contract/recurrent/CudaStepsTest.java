package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.gatefold.contract.Compare;
import org.gatefold.contract.Subject;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the suite does not see of {@code cuda.steps}, {@code cuda.fused}, {@code cuda.persistent} and {@code cuda.cluster}: sequences of several chunks, and graphs that
 * serve many lengths. Isolated, because the device's counts and compute capability are everyone's.
 */
@Isolated
class CudaStepsTest {
    private static final CellNoise NOISE =
            CellNoise.NONE.withZoneout(0.3f, 0f).withCandidateDropout(0.2f).withRecurrentDropout(0.25f);

    private Subject subject;
    private RecurrentOp op;
    private Scope scope;

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    private void open(String implementation) {
        subject = Subject.open("cuda:0", implementation, RecurrentOp.class);
        op = subject.operation(RecurrentOp.class);
        scope = subject.device().openScope("test");
    }

    @AfterEach
    void close() {
        if (scope != null) {
            scope.close();
            subject.close();
        }
    }

    /** 103 steps are chunks of 64, 32, 4, 2 and 1; segments of 37 are chunks of 32, 4 and 1. */
    @ParameterizedTest
    @CsvSource({
        "cuda.steps, LSTM, F32, 0",
        "cuda.steps, LSTM, F32, 37",
        "cuda.steps, LSTM, F16, 37",
        "cuda.steps, GRU, F32, 0",
        "cuda.steps, GRU, F32, 37",
        "cuda.steps, GRU, BF16, 0",
        "cuda.steps, RNN_TANH, F32, 37",
        "cuda.steps, RNN_TANH, F16, 0",
        "cuda.fused, LSTM, F32, 37",
        "cuda.fused, LSTM, TF32, 0",
        "cuda.fused, LSTM, F16, 0",
        "cuda.fused, GRU, F32, 37",
        "cuda.fused, GRU, BF16, 0",
        "cuda.fused, RNN_TANH, TF32, 37",
        "cuda.fused, RNN_RELU, F32, 0",
        "cuda.fused.tf32x3, LSTM, F32, 37",
        "cuda.persistent, LSTM, F32, 37",
        "cuda.persistent, LSTM, F16, 0",
        "cuda.persistent, GRU, TF32, 37",
        "cuda.persistent, RNN_TANH, BF16, 0",
        "cuda.cluster, LSTM, TF32, 37",
        "cuda.cluster, GRU, F16, 0",
        "cuda.cluster, RNN_RELU, F32, 37"
    })
    void sequencesOfSeveralChunksGiveTheNumbersOfTheOracle(
            String implementation, Cell cell, Precision precision, int segment) {
        open(implementation);
        assertGivesTheNumbersOfTheOracle(RecurrentSpec.of(cell, 103, 3, 4, 5)
                .withDirection(Direction.BIDIRECTIONAL)
                .withPrecision(precision)
                .withRecomputeSegment(segment));
    }

    static Stream<RecurrentSpec> optionsInAllPrecisions() {
        CellActivations hard =
                new CellActivations(GateActivation.HARD_SIGMOID, GateActivation.SOFTSIGN, GateActivation.elu(0.8f));
        CellActivations own = CellActivations.of(Cell.LSTM);
        CellOptions plain = CellOptions.PLAIN;
        return Stream.of(Precision.values())
                .flatMap(precision -> Stream.of(
                        withOptions(
                                Cell.LSTM,
                                precision,
                                0,
                                plain.withPeepholes(true).withActivations(hard, own)),
                        withOptions(
                                Cell.LSTM,
                                precision,
                                37,
                                plain.withPeepholes(true).withCoupled(true)),
                        withOptions(Cell.GRU, precision, 0, plain.withActivations(hard, own)),
                        withOptions(Cell.GRU, precision, 37, plain.withResetBefore(true)),
                        withOptions(Cell.LSTM, precision, 37, plain.withNoise(NOISE.withZoneout(0.2f, 0.3f))),
                        withOptions(Cell.GRU, precision, 0, plain.withNoise(NOISE)),
                        withOptions(
                                Cell.GRU,
                                precision,
                                0,
                                plain.withResetBefore(true).withNoise(NOISE)),
                        withOptions(Cell.RNN_TANH, precision, 37, plain.withNoise(NOISE)),
                        withOptions(Cell.RNN_TANH, precision, 0, plain.withActivations(hard, own))));
    }

    private static RecurrentSpec withOptions(Cell cell, Precision precision, int segment, CellOptions options) {
        return RecurrentSpec.of(cell, 103, 3, 4, 5)
                .withDirection(Direction.BIDIRECTIONAL)
                .withPrecision(precision)
                .withRecomputeSegment(segment)
                .withOptions(options);
    }

    @ParameterizedTest
    @MethodSource("optionsInAllPrecisions")
    void sequencesOfCellsWithOptionsGiveTheNumbersOfTheOracle(RecurrentSpec spec) {
        open("cuda.steps");
        assertGivesTheNumbersOfTheOracle(spec);
    }

    /** Graphs are recorded with the options: plans that differ in nothing else must not launch each other's. */
    @Test
    void plansOnTheSameWeightsKeepTheirOptionsApart() {
        open("cuda.steps");
        RecurrentSpec spec = RecurrentSpec.of(Cell.RNN_TANH, 4, 2, 3, 4);
        RecurrentSpec narrow = spec.withOptions(CellOptions.PLAIN.withGateClip(0.2f));
        RecurrentSpec wide = spec.withOptions(CellOptions.PLAIN.withGateClip(0.3f));
        RecurrentCase given = RecurrentCase.random(spec, 6);
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.INFERENCE);
                RecurrentPlan plain = op.plan(scope, spec, Mode.INFERENCE);
                RecurrentPlan first = op.plan(scope, narrow, Mode.INFERENCE);
                RecurrentPlan second = op.plan(scope, wide, Mode.INFERENCE)) {
            List<RecurrentPlan> plans = List.of(plain, first, second);
            plans.forEach(plan -> plan.setWeights(run.weights));
            for (int round = 0; round < 3; round++) { // submitted directly, recorded, and launched again
                for (RecurrentPlan plan : plans) {
                    plan.infer(run.x, run.lengths, run.initial, run.y, null);
                    Map<String, double[]> expected = NaiveRecurrent.inference(given.withSpec(plan.spec()));
                    Compare.assertClose("y", run.y.toFloats(), expected.get("y"), 1e-5);
                }
            }
        }
    }

    /** The seed stands in memory that graphs read: it may change with every pass. */
    @Test
    void masksFollowTheSeedWithoutGraphsOfTheirOwn() {
        open("cuda.steps");
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        SimulatedDevice.load();
        RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 4, 2, 3, 4).withOptions(CellOptions.PLAIN.withNoise(NOISE));
        RecurrentCase given = RecurrentCase.random(spec, 6);
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            for (int round = 0; round < 2; round++) { // submitted directly, and recorded
                run.forward();
                run.backward();
            }
            run.infer();
            subject.device().synchronize();
            SimulatedDevice.resetCounts();
            for (long seed = 1; seed < 4; seed++) {
                run.plan.forward(run.x, run.lengths, run.initial, run.y, run.last, run.reserve, seed);
                Map<String, double[]> expected = NaiveRecurrent.training(given.withSeed(seed));
                Compare.assertClose("y", run.y.toFloats(), expected.get("y"), 1e-5);
                run.backward();
                Compare.assertClose("dx", run.dx.toFloats(), expected.get("dx"), 1e-5);
                run.infer();
                Compare.assertClose(
                        "y", run.y.toFloats(), NaiveRecurrent.inference(given).get("y"), 1e-5);
            }
            assertThat(graphs("made")).isZero();
        }
    }

    private void assertGivesTheNumbersOfTheOracle(RecurrentSpec spec) {
        Precision precision = spec.precision();
        RecurrentCase given = RecurrentCase.random(spec, new int[] {103, 0, 70}, 7);
        Map<String, double[]> expected = new TreeMap<>(NaiveRecurrent.training(given));
        // A rounding that falls the other way moves a result by about one unit in the last place of an operand.
        double tolerance = precision == Precision.F32 ? 1e-5 : 5 * Math.scalb(1.0, -precision.significantBits());
        int rounds = 3; // submitted directly, recorded, and launched again
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            for (int round = 1; round <= rounds; round++) {
                run.forward();
                run.backward();
                Map<String, float[]> actual = run.results();
                for (Map.Entry<String, float[]> gradient : run.weightGradients().entrySet()) {
                    float[] mean = gradient.getValue();
                    for (int i = 0; i < mean.length; i++) {
                        mean[i] /= round; // they add up
                    }
                    actual.put(gradient.getKey(), mean);
                }
                assertThat(Compare.differences(actual, expected, tolerance))
                        .as("round %d", round)
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"F32", "F16"})
    void aFewGraphsServeEveryNumberOfSteps(Precision precision) {
        open("cuda.steps");
        assumeTrue(SimulatedDevice.isBuilt(), "counts come from the simulated device");
        SimulatedDevice.load();
        SimulatedDevice.resetCounts();
        RecurrentSpec spec =
                RecurrentSpec.of(Cell.LSTM, 127, 2, 3, 4).withLayers(2).withPrecision(precision);
        RecurrentCase given = RecurrentCase.random(spec, 5);
        try (RecurrentRun longest = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            // 127 steps take chunks of every size; what comes a second time is recorded.
            for (int round = 0; round < 2; round++) {
                longest.forward();
                longest.backward();
            }
            subject.device().synchronize();
            assertThat(graphs("made"))
                    .as("graphs of 7 sizes, 2 layers, 2 passes")
                    .isEqualTo(28);
            SimulatedDevice.resetCounts();
            for (int steps : new int[] {3, 100, 65, 1, 126, 64, 31, 90}) {
                step(longest, spec.withSize(steps, 2));
            }
            assertThat(graphs("made")).isZero();
            assertThat(graphs("launches")).isGreaterThan(8);
        }
    }

    @Test
    void halfPrecisionNeedsACardThatMultipliesIt() {
        assumeTrue(SimulatedDevice.isBuilt(), "only a simulated device has another compute capability on request");
        SimulatedDevice.load();
        SimulatedDevice.setOption("capability", "7.5");
        try {
            open("cuda.steps");
            RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 2, 3, 4, 5);
            assertThat(op.unsupported(spec.withPrecision(Precision.BF16), Mode.TRAINING))
                    .hasValue("BF16 needs compute capability 8.0, the device has 7.5");
            RecurrentCase given = RecurrentCase.random(spec.withPrecision(Precision.F16), 3);
            Map<String, float[]> actual = RecurrentRun.training(op, scope, given);
            assertThat(Compare.differences(actual, NaiveRecurrent.training(given), 5 * 0x1p-11))
                    .isEmpty();
        } finally {
            SimulatedDevice.setOption("capability", "9.0");
        }
    }

    @Test
    void threadsThatShareALaneDoNotDisturbEachOther() throws Exception {
        open("cuda.steps");
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 67, 2, 3, 4).withDirection(Direction.BIDIRECTIONAL);
        List<RecurrentCase> cases = List.of(RecurrentCase.random(spec, 11), RecurrentCase.random(spec, 12));
        List<Map<String, float[]>> alone = new ArrayList<>();
        for (RecurrentCase given : cases) {
            alone.add(trained(given, new CyclicBarrier(1)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(cases.size());
        try {
            CyclicBarrier start = new CyclicBarrier(cases.size());
            List<Future<Map<String, float[]>>> together = threads.invokeAll(cases.stream()
                    .map(given -> (Callable<Map<String, float[]>>) () -> trained(given, start))
                    .toList());
            for (int i = 0; i < cases.size(); i++) {
                Compare.assertSameBits(together.get(i).get(), alone.get(i));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Outputs, and the gradients of inputs and states, of the last of several equal training steps. */
    private Map<String, float[]> trained(RecurrentCase given, CyclicBarrier start) throws Exception {
        try (Scope own = subject.device().openScope("thread");
                RecurrentRun run = new RecurrentRun(op, own, given, Mode.TRAINING)) {
            for (int round = 0; round < 3; round++) {
                start.await();
                run.forward();
                run.backward();
            }
            Map<String, float[]> results = run.results();
            run.weightGradients().keySet().forEach(results::remove); // they add up
            return results;
        }
    }

    /** A training step of another length, in memory and a plan of its own, on the weights of a run. */
    private void step(RecurrentRun run, RecurrentSpec spec) {
        try (Scope own = scope.child("step");
                RecurrentPlan plan = op.plan(own, spec, Mode.TRAINING)) {
            plan.setWeights(run.weights);
            Tensor x = own.zeros("x", spec.steps(), spec.batch(), spec.inputSize());
            Tensor y = own.zeros("y", spec.steps(), spec.batch(), spec.outputSize());
            Tensor dx = own.zeros("dx", spec.steps(), spec.batch(), spec.inputSize());
            Reserve reserve = plan.reserve(own);
            plan.forward(x, null, null, y, null, reserve, 0);
            plan.backward(x, null, null, y, y, null, dx, null, run.dWeights, reserve);
            subject.device().synchronize();
        }
    }

    private static long graphs(String field) {
        return JsonParser.parseString(SimulatedDevice.counts())
                .getAsJsonObject()
                .getAsJsonObject("graphs")
                .get(field)
                .getAsLong();
    }
}
