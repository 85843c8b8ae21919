package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.contract.oracle.NoiseCheck;
import org.gatefold.contract.oracle.PublishedUpdates;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.op.optimizer.UpdateRule.Penalty;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every implementation of optimisers is held to. */
abstract class OptimizerContract extends OperationContract<OptimizerOp> {
    /** Parameters of many sizes, one frozen, one with its own rate, one without penalty; padding before, between, after. */
    private static final Segments SEGMENTS = new Segments(List.of(
            new Segments.Segment("first", 3, 517, 1f, 1f),
            new Segments.Segment("frozen", 528, 16, 0f, 1f),
            new Segments.Segment("slow", 544, 33, 0.25f, 1f),
            new Segments.Segment("bias", 600, 1, 1f, 0f)));

    private static final int SIZE = 640;
    private static final float RATE = 0.05f;

    OptimizerContract() {
        super(OptimizerOp.class);
    }

    private record Setting(UpdateRule rule, Penalty penalty) {}

    static List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        Penalty[] penalties = {Penalty.NONE, new Penalty(0.02f, 0.1f, false), new Penalty(0.02f, 0.1f, true)};
        for (Penalty penalty : penalties) {
            settings.add(new Setting(new UpdateRule.Sgd(0f, 0f, false), penalty));
            settings.add(new Setting(new UpdateRule.Sgd(0.9f, 0.3f, false), penalty));
            settings.add(new Setting(new UpdateRule.Sgd(0.9f, 0f, true), penalty));
            settings.add(new Setting(new UpdateRule.RmsProp(0.9f, 1e-4f, 0f, false), penalty));
            settings.add(new Setting(new UpdateRule.RmsProp(0.9f, 1e-2f, 0.8f, true), penalty));
            settings.add(new Setting(new UpdateRule.Adam(0.9f, 0.999f, 1e-4f), penalty));
            settings.add(new Setting(new UpdateRule.Adagrad(0f, 0f, 1e-4f), penalty));
            settings.add(new Setting(new UpdateRule.Adagrad(0.2f, 0.5f, 1e-4f), penalty));
            settings.add(new Setting(new UpdateRule.Adadelta(0.9f, 1e-3f), penalty));
            settings.add(new Setting(new UpdateRule.NAdam(0.9f, 0.999f, 1e-4f, 0.04f), penalty));
            settings.add(new Setting(new UpdateRule.AdaMax(0.9f, 0.99f, 1e-4f), penalty));
            settings.add(new Setting(new UpdateRule.Lamb(0.9f, 0.999f, 1e-4f), penalty));
        }
        return settings;
    }

    private static float[] spread(long seed) {
        float[] dense = gaussian(seed, SIZE);
        float[] values = new float[SIZE];
        for (Segments.Segment segment : SEGMENTS.list()) {
            System.arraycopy(dense, (int) segment.offset(), values, (int) segment.offset(), (int) segment.length());
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("settings")
    void updatesAgreeWithTheEquations(Setting setting) {
        float[] start = spread(1);
        double[] expected = Compare.doubles(start);
        double[][] state = new double[3][SIZE];
        if (setting.rule() instanceof UpdateRule.Adagrad rule) {
            Arrays.fill(state[0], rule.initialAccumulator());
        }
        Tensor parameters = guarded.output("parameters", SIZE);
        parameters.write(start);
        Tensor gradients = guarded.output("gradients", SIZE);
        Tensor scale = guarded.input("scale", new float[] {0.5f}, 1);
        try (OptimizerPlan plan =
                op.plan(scope, new OptimizerSpec(setting.rule(), setting.penalty(), SEGMENTS), parameters, gradients)) {
            assertThat(plan.states()).hasSize(setting.rule().states());
            for (int step = 1; step <= 5; step++) {
                float[] g = spread(10 + step);
                gradients.write(g);
                plan.update(RATE, step, step % 2 == 0 ? scale : null);
                for (Segments.Segment segment : SEGMENTS.list()) {
                    if (segment.learningRate() > 0) {
                        PublishedUpdates.update(
                                setting.rule(),
                                setting.penalty(),
                                segment,
                                RATE,
                                step,
                                step % 2 == 0 ? 0.5 : 1,
                                g,
                                expected,
                                state);
                    }
                }
                Compare.assertClose("parameters after step " + step, parameters.toFloats(), expected, 2e-6);
            }
            int last = setting.rule().states() - 1;
            for (int i = 0; i <= last; i++) {
                Compare.assertClose("state " + i, plan.states().get(i).toFloats(), state[i], TOLERANCE);
            }
        }
        guarded.check();
    }

    @Test
    void aScaleThatIsNotFiniteWritesNothing() {
        for (Setting setting : settings()) {
            Tensor parameters = guarded.output("parameters", SIZE);
            Tensor gradients = guarded.output("gradients", SIZE);
            parameters.write(spread(2));
            gradients.write(spread(3));
            try (OptimizerPlan plan = op.plan(
                    scope, new OptimizerSpec(setting.rule(), setting.penalty(), SEGMENTS), parameters, gradients)) {
                plan.update(RATE, 1, null);
                float[] before = parameters.toFloats();
                List<float[]> states =
                        plan.states().stream().map(Tensor::toFloats).toList();
                for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                    plan.update(RATE, 2, guarded.input("scale", new float[] {scale}, 1));
                    Compare.assertSameBits("parameters", parameters.toFloats(), before);
                    for (int i = 0; i < states.size(); i++) {
                        Compare.assertSameBits("state", plan.states().get(i).toFloats(), states.get(i));
                    }
                }
            }
        }
    }

    /** Where the ratio of LAMB would be 0 / x, x / 0 or 0 / 0, it is 1. */
    @Test
    void lambMovesWeightsOfZero() {
        Tensor parameters = written("parameters", new float[SIZE]);
        Tensor gradients = written("gradients", spread(9));
        UpdateRule.Lamb rule = new UpdateRule.Lamb(0.9f, 0.999f, 1e-4f);
        try (OptimizerPlan plan =
                op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, gradients)) {
            plan.update(RATE, 1, null);
            double[] expected = new double[SIZE];
            float[] g = spread(9);
            for (int i = 0; i < SIZE; i++) {
                boolean frozen = i >= 528 && i < 544;
                double rate = frozen ? 0 : i >= 544 && i < 577 ? RATE * 0.25 : RATE;
                expected[i] = -rate * g[i] / (Math.abs((double) g[i]) + 1e-4);
            }
            Compare.assertClose("parameters", parameters.toFloats(), expected, 2e-6);
        }
        parameters.write(spread(10));
        gradients.write(new float[SIZE]);
        try (OptimizerPlan plan =
                op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, gradients)) {
            plan.update(RATE, 1, null);
            assertThat(parameters.toFloats()).isEqualTo(spread(10));
        }
        guarded.check();
    }

    /** As a run that goes on from a checkpoint: another plan, told the states and the number of the update. */
    @Test
    void anotherPlanGoesOnWithTheSameBits() {
        for (Setting setting : settings()) {
            OptimizerSpec spec = new OptimizerSpec(setting.rule(), setting.penalty(), SEGMENTS);
            Tensor parameters = written("parameters", spread(11));
            Tensor gradients = written("gradients", spread(12));
            try (OptimizerPlan plan = op.plan(scope, spec, parameters, gradients)) {
                for (int step = 1; step <= 3; step++) {
                    plan.update(RATE, step, null);
                }
                Tensor others = written("parameters of the other", parameters.toFloats());
                try (OptimizerPlan other = op.plan(scope, spec, others, gradients)) {
                    for (int i = 0; i < plan.states().size(); i++) {
                        other.states().get(i).copyFrom(plan.states().get(i));
                    }
                    gradients.write(spread(13));
                    plan.update(RATE, 4, null);
                    other.update(RATE, 4, null);
                    Compare.assertSameBits(setting.toString(), others.toFloats(), parameters.toFloats());
                }
            }
        }
    }

    @Test
    void frozenParametersIgnoreTheirGradients() {
        float[] start = spread(4);
        Tensor parameters = written("parameters", start);
        Tensor gradients = guarded.output("gradients", SIZE);
        gradients.fill(Float.NaN);
        UpdateRule rule = new UpdateRule.Adam(0.9f, 0.999f, 1e-8f);
        try (OptimizerPlan plan = op.plan(
                scope, new OptimizerSpec(rule, new Penalty(0.1f, 0.1f, true), SEGMENTS), parameters, gradients)) {
            plan.update(RATE, 1, null);
            float[] after = parameters.toFloats();
            float[] state = plan.states().get(0).toFloats();
            for (int i = 0; i < SIZE; i++) {
                boolean frozen = i >= 528 && i < 544;
                boolean padding = start[i] == 0f;
                if (frozen || padding) {
                    assertThat(after[i]).as("element %d", i).isEqualTo(start[i]);
                    assertThat(state[i]).as("state of element %d", i).isZero();
                } else {
                    assertThat(after[i]).as("element %d", i).isNaN();
                }
            }
        }
    }

    @Test
    void aLearningRateOfZeroMovesTheStateOnly() {
        float[] start = spread(7);
        float[] g = spread(8);
        Tensor parameters = written("parameters", start);
        Tensor gradients = written("gradients", g);
        try (OptimizerPlan plan = op.plan(
                scope,
                new OptimizerSpec(new UpdateRule.Sgd(0.9f, 0f, false), Penalty.NONE, SEGMENTS),
                parameters,
                gradients)) {
            plan.update(0f, 1, null);
            assertThat(parameters.toFloats()).isEqualTo(start);
            float[] state = plan.states().get(0).toFloats();
            for (int i = 0; i < SIZE; i++) {
                boolean frozen = i >= 528 && i < 544;
                assertThat(state[i]).as("state of element %d", i).isEqualTo(frozen ? 0f : g[i]);
            }
        }
    }

    private Tensor written(String name, float[] values) {
        Tensor tensor = guarded.output(name, SIZE);
        tensor.write(values);
        return tensor;
    }

    /** The plan of an optimiser whose own rule plays no part. */
    @MustBeClosed
    private OptimizerPlan plain(Tensor parameters, Tensor gradients) {
        UpdateRule rule = new UpdateRule.Sgd(0f, 0f, false);
        return op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, gradients);
    }

    @Test
    void normsCoverTheSegmentsAndScaleToTheLimit() {
        Tensor parameters = guarded.output("parameters", SIZE);
        float[] g = spread(5);
        Tensor gradients = written("gradients", g);
        double[] squares = new double[4];
        double total = 0;
        for (int s = 0; s < 4; s++) {
            Segments.Segment segment = SEGMENTS.list().get(s);
            for (int i = 0; i < segment.length(); i++) {
                double element = g[(int) segment.offset() + i];
                squares[s] += element * element;
            }
            total += squares[s];
        }
        Tensor perSegment = guarded.output("squares", 4);
        Tensor result = guarded.output("result", 2);
        try (OptimizerPlan plan = plain(parameters, gradients)) {
            plan.gradientNorm(2f, perSegment, result);
            Compare.assertClose("squares", perSegment.toFloats(), squares, 1e-6);
            double norm = Math.sqrt(total);
            Compare.assertClose("norm", new float[] {result.toFloats()[0]}, new double[] {norm}, 1e-6);
            Compare.assertClose("scale", new float[] {result.toFloats()[1]}, new double[] {2 / (norm + 1e-6)}, 1e-6);
            plan.gradientNorm(2f, 8f, null, perSegment, result);
            Compare.assertClose("squares of scaled gradients", perSegment.toFloats(), squares, 1e-6);
            Compare.assertClose("true norm", new float[] {result.toFloats()[0]}, new double[] {norm / 8}, 1e-6);
            double undone = 2 / (norm / 8 + 1e-6) / 8;
            Compare.assertClose("scale and unscale", new float[] {result.toFloats()[1]}, new double[] {undone}, 1e-6);
            plan.gradientNorm(Float.POSITIVE_INFINITY, 8f, null, perSegment, result);
            assertThat(result.toFloats()[1]).isEqualTo(0.125f);
            plan.gradientNorm(Float.POSITIVE_INFINITY, perSegment, result);
            assertThat(result.toFloats()[1]).isEqualTo(1f);
            plan.gradientNorm(1e6f, perSegment, result);
            assertThat(result.toFloats()[1]).isEqualTo(1f);

            g[100] = Float.POSITIVE_INFINITY;
            gradients.write(g);
            plan.gradientNorm(2f, perSegment, result);
            assertThat(perSegment.toFloats()[0]).isInfinite();
            assertThat(perSegment.toFloats()[2]).isFinite();
            assertThat(result.toFloats()[1]).isNaN();
        }
        guarded.check();
    }

    /** The norm is told whatever else is required; the factor, and so the update, waits for nothing but what is finite. */
    @Test
    void updatesNeedWhatTheyRequire() {
        Tensor parameters = written("parameters", spread(3));
        Tensor gradients = written("gradients", spread(4));
        Tensor required = guarded.output("required", 3);
        Tensor squares = guarded.output("squares", 4);
        Tensor result = guarded.output("result", 2);
        float[] before = parameters.toFloats();
        try (OptimizerPlan plan = plain(parameters, gradients)) {
            plan.gradientNorm(2f, 4f, null, squares, result);
            float[] expected = result.toFloats();
            for (float missing : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                for (int at = 0; at < 3; at++) {
                    required.write(Float.MAX_VALUE, 0f, -3f);
                    required.write(at, new float[] {missing}, 0, 1);
                    plan.gradientNorm(2f, 4f, required, squares, result);
                    assertThat(result.toFloats()[0]).isEqualTo(expected[0]);
                    assertThat(result.toFloats()[1]).isNaN();
                    plan.update(RATE, 1, result.part("scale", 1, Shape.of(1)));
                    assertThat(parameters.toFloats()).isEqualTo(before);
                }
            }
            required.write(Float.MAX_VALUE, 0f, -3f);
            plan.gradientNorm(2f, 4f, required, squares, result);
            assertThat(result.toFloats()).isEqualTo(expected);
            refused(
                    "result: must not overlap required, which is used by the same call",
                    () -> plan.gradientNorm(2f, 4f, required, squares, required.part("result", 1, Shape.of(2))));
        }
        guarded.check();
    }

    @Test
    void normsOfLargeGradientsDoNotOverflow() {
        Tensor parameters = guarded.output("parameters", SIZE);
        Tensor gradients = guarded.output("gradients", SIZE);
        gradients.write(new float[SIZE]);
        gradients.write(10, new float[] {3 * 0x1p60f, 4 * 0x1p60f}, 0, 2);
        Tensor squares = guarded.output("squares", 4);
        Tensor result = guarded.output("result", 2);
        try (OptimizerPlan plan = plain(parameters, gradients)) {
            plan.gradientNorm(1f, squares, result);
            assertThat(result.toFloats()[0] / (5 * 0x1p60)).isBetween(0.999999, 1.000001);
            gradients.write(10, new float[] {3e38f, 3e38f}, 0, 2);
            plan.gradientNorm(1f, squares, result);
            assertThat(result.toFloats()[0]).isInfinite();
            assertThat(result.toFloats()[1])
                    .as("no update from gradients whose norm is no float")
                    .isNaN();
        }
    }

    @Test
    void clipsByValueAndKeepsNan() {
        Tensor parameters = guarded.output("parameters", SIZE);
        Tensor gradients = guarded.output("gradients", SIZE);
        float[] g = spread(6);
        g[7] = Float.NaN;
        g[8] = Float.NEGATIVE_INFINITY;
        gradients.write(g);
        try (OptimizerPlan plan = plain(parameters, gradients)) {
            plan.clipValue(0.5f);
        }
        float[] actual = gradients.toFloats();
        for (int i = 0; i < SIZE; i++) {
            float expected = Float.isNaN(g[i]) ? g[i] : Math.max(-0.5f, Math.min(0.5f, g[i]));
            assertThat(Float.compare(actual[i], expected))
                    .as("gradient %d: %s", i, actual[i])
                    .isZero();
        }
        guarded.check();
    }

    @Test
    void noiseOfGradientsAgreesWithItsDefinition() {
        Tensor gradients = guarded.output("gradients", SIZE);
        Tensor scale = guarded.input("scale", new float[] {NoiseCheck.SCALE}, 1);
        float[] g = gaussian(6, SIZE);
        try (OptimizerPlan plan = plain(guarded.output("parameters", SIZE), gradients)) {
            assertThat(NoiseCheck.differences(plan::addNoise, gradients, SEGMENTS, g, scale))
                    .isEmpty();
            // By rows: as without, for the rows that are there.
            float[] whole = gradients.toFloats();
            plan.limit(0, 47, new int[] {0, 3}, 2);
            gradients.write(g);
            plan.addNoise(NoiseCheck.DEVIATION, NoiseCheck.SEED, NoiseCheck.STEP, scale);
            float[] rows = gradients.toFloats();
            for (int i = 0; i < SIZE; i++) {
                boolean left = i >= 3 && i < 520 && (i - 3) / 47 != 0 && (i - 3) / 47 != 3;
                assertThat(rows[i]).as("gradient %d", i).isEqualTo(left ? g[i] : whole[i]);
            }
        }
        guarded.check();
    }

    @Test
    void noiseOfGradientsIsNormal() {
        int count = 200_000;
        Tensor g = scope.zeros("g", count);
        Segments all = new Segments(List.of(new Segments.Segment("all", 0, count, 1f, 1f)));
        OptimizerSpec spec = new OptimizerSpec(new UpdateRule.Sgd(0f, 0f, false), Penalty.NONE, all);
        try (OptimizerPlan plan = op.plan(scope, spec, scope.zeros("w", count), g)) {
            plan.addNoise(2f, 5, 1, null);
            float[] first = g.toFloats();
            double sum = 0;
            double squares = 0;
            double neighbours = 0;
            int within = 0;
            for (int i = 0; i < count; i++) {
                double z = first[i] / 2;
                sum += z;
                squares += z * z;
                neighbours += i == 0 ? 0 : z * first[i - 1] / 2;
                within += Math.abs(z) < 1 ? 1 : 0;
            }
            // Bounds of five deviations of these means.
            double five = 5 / Math.sqrt(count);
            assertThat(sum / count).isBetween(-five, five);
            assertThat(squares / count).isBetween(1 - 1.5 * five, 1 + 1.5 * five);
            assertThat(neighbours / count).isBetween(-five, five);
            assertThat(within / (double) count).isBetween(0.6827 - five, 0.6827 + five);
            g.fill(0f);
            plan.addNoise(2f, 5, 1, null);
            Compare.assertSameBits("the same step", g.toFloats(), first);
            g.fill(0f);
            plan.addNoise(2f, 5, 2, null);
            assertThat(g.toFloats()[0]).isNotEqualTo(first[0]);
        }
    }

    @Test
    void aScaleThatIsNotFiniteAddsNoNoise() {
        Tensor gradients = written("gradients", spread(3));
        try (OptimizerPlan plan = plain(written("parameters", spread(2)), gradients)) {
            for (float scale : new float[] {Float.NaN, 0f}) {
                plan.addNoise(1f, 5, 1, guarded.input("scale", new float[] {scale}, 1));
            }
        }
        assertThat(gradients.toFloats()).isEqualTo(spread(3));
        guarded.check();
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // there is no plan to close
    void badArgumentsGiveTheSameMessagesEverywhere() {
        Tensor parameters = scope.zeros("parameters", SIZE);
        Tensor gradients = scope.zeros("gradients", SIZE);
        UpdateRule rule = new UpdateRule.Sgd(0f, 0f, false);
        Tensor small = scope.zeros("small", 600);
        refused(
                "gradients: expected shape [640], got [600]",
                () -> op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, small));
        refused(
                "segments: end at element 601 of 600",
                () -> op.plan(
                        scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), small, scope.zeros("also small", 600)));
        refused(
                "parameters: given twice in one call",
                () -> op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, parameters));
        try (OptimizerPlan plan =
                op.plan(scope, new OptimizerSpec(rule, Penalty.NONE, SEGMENTS), parameters, gradients)) {
            refused("learningRate: expected a finite value >= 0, got NaN", () -> plan.update(Float.NaN, 1, null));
            refused("step: expected at least 1, got 0", () -> plan.update(RATE, 0, null));
            refused("scale: expected shape [1], got [600]", () -> plan.update(RATE, 1, small));
            refused("deviation: expected a finite value >= 0, got -1.0", () -> plan.addNoise(-1f, 1, 1, null));
            refused("step: expected at least 1, got 0", () -> plan.addNoise(1f, 1, 0, null));
            refused("scale: expected shape [1], got [600]", () -> plan.addNoise(1f, 1, 1, small));
            refused("limit: expected a finite value > 0, got 0.0", () -> plan.clipValue(0f));
            refused(
                    "maxNorm: expected a value > 0, got NaN",
                    () -> plan.gradientNorm(Float.NaN, scope.zeros("s", 4), scope.zeros("r", 2)));
            refused(
                    "squares: expected shape [4], got [2]",
                    () -> plan.gradientNorm(1f, scope.zeros("s", 2), scope.zeros("r", 2)));
        }
    }

    /** Limited to rows, a segment is updated as if each of these rows were a segment, and the others are not touched. */
    @ParameterizedTest
    @MethodSource("settings")
    void limitedSegmentsAreUpdatedByRows(Setting setting) {
        int[] rows = {0, 3, 10, -1};
        List<Segments.Segment> parts = new ArrayList<>(SEGMENTS.list().subList(1, 4));
        for (int i = 2; i >= 0; i--) {
            parts.add(0, new Segments.Segment("row", 3 + 47L * rows[i], 47, 1f, 1f));
        }
        float[] w = gaussian(1, SIZE);
        float[] g = gaussian(2, SIZE);
        Tensor[] parameters = {written("w", w), written("w by rows", w)};
        Tensor[] gradients = {written("g", g), written("g by rows", g)};
        Tensor[] norms = {scope.f32("norm", 2), scope.f32("norm by rows", 2)};
        try (OptimizerPlan expected = op.plan(
                        scope,
                        new OptimizerSpec(setting.rule(), setting.penalty(), new Segments(parts)),
                        parameters[0],
                        gradients[0]);
                OptimizerPlan plan = op.plan(
                        scope,
                        new OptimizerSpec(setting.rule(), setting.penalty(), SEGMENTS),
                        parameters[1],
                        gradients[1])) {
            if (setting.rule() instanceof UpdateRule.Lamb) {
                assertThatThrownBy(() -> plan.limit(0, 47, rows, 3))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("'first' is to be updated by rows");
                return;
            }
            plan.limit(0, 47, rows, 2); // replaced by the next
            for (int step = 1; step <= 2; step++) {
                plan.limit(0, 47, rows, 3);
                update(expected, norms[0], step);
                update(plan, norms[1], step);
            }
            // Sums of squares are those of other parts, in another order.
            Compare.assertClose("norm", norms[1].toFloats(), doubles(norms[0].toFloats()), 1e-6);
            Compare.assertClose("w", parameters[1].toFloats(), doubles(parameters[0].toFloats()), 1e-5);
            float[] after = parameters[1].toFloats();
            for (int i = 3; i < 520; i++) {
                int row = (i - 3) / 47;
                if (row != 0 && row != 3 && row != 10) {
                    assertThat(after[i]).isEqualTo(w[i]);
                    assertThat(gradients[1].toFloats()[i]).isEqualTo(g[i]);
                }
            }
            assertThat(plan.table().count()).isEqualTo(6);
            assertThat(plan.table().owner(4)).isZero();
            plan.limit(0, 47, rows, 0);
            assertThat(plan.table().count()).isEqualTo(3);
        }
    }

    private void update(OptimizerPlan plan, Tensor norm, int step) {
        Tensor squares = scope.f32("squares", plan.table().count());
        plan.clipValue(1.5f);
        plan.gradientNorm(2f, squares, norm);
        plan.update(RATE, step, norm.part("scale", 1, Shape.of(1)));
    }

    /** A grid of CUDA counts to 65,535. */
    @Test
    void moreRowsThanAGridCountsAreUpdated() {
        int count = 70_000;
        int[] rows = new int[count];
        Arrays.setAll(rows, i -> i);
        Tensor w = scope.f32("w", count);
        Tensor g = scope.f32("g", count);
        w.fill(1f);
        g.fill(0.5f);
        Segments all = new Segments(List.of(new Segments.Segment("table", 0, count, 1f, 1f)));
        OptimizerSpec spec = new OptimizerSpec(new UpdateRule.Sgd(0f, 0f, false), Penalty.NONE, all);
        try (OptimizerPlan plan = op.plan(scope, spec, w, g)) {
            plan.limit(0, 1, rows, count);
            plan.update(1f, 1, null);
            assertThat(w.toFloats()).containsOnly(0.5f);
        }
    }

    @Test
    void rowsThatAreNoneAreRefused() {
        Tensor w = written("w", new float[SIZE]);
        OptimizerSpec spec = new OptimizerSpec(new UpdateRule.Sgd(0f, 0f, false), Penalty.NONE, SEGMENTS);
        try (OptimizerPlan plan = op.plan(scope, spec, w, written("g", new float[SIZE]))) {
            assertThatThrownBy(() -> plan.limit(0, 46, new int[1], 1))
                    .hasMessage("width: expected a divisor of the 517 numbers of 'first', got 46");
            assertThatThrownBy(() -> plan.limit(0, 47, new int[] {11}, 1))
                    .hasMessage("rows[0]: expected rows of 'first', 0 to 10, each once and ascending, got 11");
            assertThatThrownBy(() -> plan.limit(0, 47, new int[] {4, 4}, 2))
                    .hasMessageContaining("rows[1]: expected rows of 'first'");
        }
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
