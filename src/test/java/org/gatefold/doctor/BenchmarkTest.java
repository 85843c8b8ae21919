package org.gatefold.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Footprint;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.verify.Extent;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 4, 2, 8, 16);

    /** Looks at its arguments instead of computing anything. */
    private record Spy(String name, List<float[]> seen) implements RecurrentOp {
        @Override
        public Optional<String> unsupported(RecurrentSpec spec, Mode mode) {
            return spec.precision() == Precision.F32 ? Optional.empty() : Optional.of("looks at F32 only");
        }

        @Override
        public Footprint footprint(RecurrentSpec spec, Mode mode) {
            return new Footprint(0, 4);
        }

        @Override
        @MustBeClosed
        public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
            return new SpyPlan(this, spec, mode, scope.child("spy"));
        }

        void look(Tensor... tensors) {
            for (Tensor tensor : tensors) {
                seen.add(tensor.toFloats());
            }
        }
    }

    private static final class SpyPlan extends RecurrentPlan {
        private final Spy spy;

        SpyPlan(Spy spy, RecurrentSpec spec, Mode mode, Scope scope) {
            super(spy, spec, mode, scope);
            this.spy = spy;
        }

        @Override
        protected void computeSetWeights(RecurrentWeights weights) {
            RecurrentWeights.Set set = weights.sets().get(0);
            spy.look(set.wx(), set.wh(), set.b());
        }

        @Override
        protected void computeForward(ForwardArguments given) {
            spy.look(given.x(), given.initial().h(), given.initial().c());
        }

        @Override
        protected void computeBackward(BackwardArguments given) {
            RecurrentWeights.Set set = given.dWeights().sets().get(0);
            spy.look(given.dy(), given.dLast().h(), given.dLast().c(), set.wx(), set.wh(), set.b());
        }
    }

    private static List<BenchmarkRow> run(RecurrentOp... implementations) {
        try (Device device = Devices.named("reference")) {
            return new Benchmark(device, List.of(SPEC)).run(List.of(implementations), ExaminationListener.NONE);
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertRandom(float[] values) {
        for (float value : values) {
            assertThat(value).isFinite().isNotZero();
        }
    }

    @Test
    void hasARowForEveryModeAndPrecisionThatAnImplementationTakes() {
        try (Device device = Devices.cpu()) {
            RecurrentOp op = device.operation(RecurrentOp.class);
            List<Integer> announced = new ArrayList<>();
            List<BenchmarkRow> heard = new ArrayList<>();
            List<BenchmarkRow> rows = new Benchmark(device, List.of(SPEC)).run(List.of(op), new ExaminationListener() {
                @Override
                public void benchmarking(int rows) {
                    announced.add(rows);
                }

                @Override
                public void timed(BenchmarkRow row) {
                    heard.add(row);
                }
            });
            assertThat(heard).isEqualTo(rows);
            assertThat(announced).containsExactly(rows.size());
            assertThat(rows)
                    .filteredOn(row -> row.spec().precision() == Precision.F32)
                    .extracting(BenchmarkRow::mode)
                    .containsExactly(Mode.values());
            assertThat(rows).allSatisfy(row -> {
                assertThat(row.implementation()).isEqualTo(op.name());
                assertThat(row.seconds()).isPositive();
                assertThat(row.gemmFlops()).isPositive();
                assertThat(row.bytes()).isPositive();
            });
            assertThat(device.bytesInUse()).isZero();
        }
    }

    @Test
    void layersAreTimedOnRandomData() {
        Spy spy = new Spy("spy", new ArrayList<>());
        run(spy);
        assertThat(spy.seen()).hasSizeGreaterThan(10).allSatisfy(BenchmarkTest::assertRandom);
    }

    @Test
    void theProductIsTimedOnRandomData() {
        List<float[]> seen = new ArrayList<>();
        LinearOp spy = new LinearOp() {
            @Override
            public String name() {
                return "spy";
            }

            @Override
            public void computeForward(Tensor x, Tensor w, Tensor b, Tensor y) {
                if (seen.isEmpty()) {
                    seen.addAll(List.of(x.toFloats(), w.toFloats()));
                }
                sleep(25); // long enough to be the last product
            }

            @Override
            public void computeBackward(Tensor x, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
                throw new AssertionError("only the forward product is timed");
            }
        };
        try (Device device = Devices.named("reference")) {
            new Benchmark(device, List.of()).gemmFlops(spy, 0.01);
        }
        for (float[] values : seen) {
            double squares = 0;
            for (float value : values) {
                squares += value * value;
            }
            // Of the standard normal distribution.
            assertThat(squares / values.length).isCloseTo(1, within(0.05));
        }
        assertThat(seen).hasSize(2);
    }

    @Test
    void roundsGoOnUntilTheShareIsUsedUp() {
        try (Device device = Devices.named("reference")) {
            Benchmark benchmark = new Benchmark(device, List.of());
            List<Long> passes = new ArrayList<>();
            Runnable pass = () -> {
                passes.add(System.nanoTime());
                sleep(12); // a round of its own
            };
            benchmark.seconds(pass, 60);
            assertThat(passes).as("warm-ups and rounds").hasSize(3 + 7);
            passes.clear();
            assertThat(benchmark.seconds(pass, 1e-3)).isGreaterThan(0.011);
            assertThat(passes).as("warm-ups and the round that there must be").hasSize(3 + 1);
        }
    }

    @Test
    void ranksImplementationsByShapeModeAndPrecision() {
        BenchmarkRow slow = new BenchmarkRow(SPEC, Mode.INFERENCE, "slow", 2, 1e6, 0);
        BenchmarkRow half = new BenchmarkRow(SPEC.withPrecision(Precision.F16), Mode.INFERENCE, "slow", 0.1, 1e6, 0);
        BenchmarkRow fast = new BenchmarkRow(SPEC, Mode.INFERENCE, "fast", 1, 1e6, 0);
        BenchmarkRow training = new BenchmarkRow(SPEC, Mode.TRAINING, "slow", 3, 1e6, 0);
        Report report = new Report(
                new Facts(Map.of(), "x", "x", Map.of()),
                Extent.FULL,
                List.of(),
                List.of(slow, half, fast, training),
                "");
        assertThat(report.rankings()).containsExactly(List.of(fast, slow), List.of(half), List.of(training));
        assertThat(JsonParser.parseString(ReportJson.of(report))
                        .getAsJsonObject()
                        .getAsJsonArray("benchmark"))
                .extracting(JsonElement::getAsJsonObject)
                .extracting(row -> row.get("fastest").getAsBoolean())
                .containsExactly(false, true, true, true);
    }

    @Test
    void countsTheOperationsOfTheProducts() {
        // Forward: 2 operations for each of T * B * 4H * (I + H) elements of the products.
        double forward = 2.0 * 4 * 2 * 4 * 16 * (8 + 16);
        BenchmarkRow inference = new BenchmarkRow(SPEC, Mode.INFERENCE, "x", 0.5, 1e6, 0);
        assertThat(inference.flops()).isCloseTo(forward / 0.5, within(1e-6));
        assertThat(inference.microsecondsPerStep()).isCloseTo(125_000, within(1e-6));
        assertThat(inference.partOfGemm()).isCloseTo(forward / 0.5 / 1e6, within(1e-9));
        assertThat(new BenchmarkRow(SPEC, Mode.TRAINING, "x", 0.5, 1e6, 0).flops())
                .isCloseTo(3 * forward / 0.5, within(1e-6));
    }
}
