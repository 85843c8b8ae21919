package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.gatefold.contract.oracle.NoiseCheck;
import org.gatefold.contract.oracle.NoiseCheck.Noise;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The check of gradients' noise can fail: noise that is wrong on purpose is told from the right one. */
class NoiseMutantsTest {
    private static final int SIZE = 100;

    enum Mutation {
        NONE,
        OTHER_SEED,
        STEP_BEFORE,
        VARIANCE_FOR_DEVIATION,
        SCALE_IGNORED,
        ADDED_TWICE,
        GRADIENTS_OVERWRITTEN,
        COUNTED_FROM_THE_SEGMENT,
        PADDING_TOO
    }

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutation mutation) {
        Segments segments = new Segments(
                List.of(new Segments.Segment("a", 3, 40, 1f, 1f), new Segments.Segment("b", 50, 30, 1f, 1f)));
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("mutants")) {
            Tensor gradients = scope.zeros("gradients", SIZE);
            OptimizerSpec spec =
                    new OptimizerSpec(new UpdateRule.Sgd(0f, 0f, false), UpdateRule.Penalty.NONE, segments);
            Segments all = new Segments(List.of(new Segments.Segment("all", 0, SIZE, 1f, 1f)));
            Segments shifted = new Segments(List.of(new Segments.Segment("a", 0, 40, 1f, 1f)));
            OptimizerOp op = device.operation(OptimizerOp.class);
            try (OptimizerPlan right = op.plan(scope, spec, scope.zeros("w", SIZE), gradients);
                    OptimizerPlan everything = op.plan(
                            scope,
                            new OptimizerSpec(spec.rule(), spec.penalty(), all),
                            scope.zeros("w", SIZE),
                            gradients);
                    OptimizerPlan fromZero = op.plan(
                            scope,
                            new OptimizerSpec(spec.rule(), spec.penalty(), shifted),
                            scope.zeros("w", 40),
                            gradients.part("a", 3, Shape.of(40)))) {
                Noise noise =
                        switch (mutation) {
                            case NONE -> right::addNoise;
                            case OTHER_SEED -> (d, seed, step, scale) -> right.addNoise(d, seed + 1, step, scale);
                            case STEP_BEFORE -> (d, seed, step, scale) -> right.addNoise(d, seed, step - 1, scale);
                            case VARIANCE_FOR_DEVIATION ->
                                (d, seed, step, scale) -> right.addNoise(d * d, seed, step, scale);
                            case SCALE_IGNORED -> (d, seed, step, scale) -> right.addNoise(d, seed, step, null);
                            case ADDED_TWICE ->
                                (d, seed, step, scale) -> {
                                    right.addNoise(d, seed, step, scale);
                                    right.addNoise(d, seed, step, scale);
                                };
                            case GRADIENTS_OVERWRITTEN ->
                                (d, seed, step, scale) -> {
                                    gradients.fill(0f);
                                    right.addNoise(d, seed, step, scale);
                                };
                            case COUNTED_FROM_THE_SEGMENT -> fromZero::addNoise;
                            case PADDING_TOO -> everything::addNoise;
                        };
                float[] before = new float[SIZE];
                for (int i = 0; i < SIZE; i++) {
                    before[i] = i + 1;
                }
                Tensor scale = scope.f32("scale", 1);
                scale.fill(NoiseCheck.SCALE);
                List<String> differences = NoiseCheck.differences(noise, gradients, segments, before, scale);
                assertThat(differences.isEmpty()).as("%s", differences).isEqualTo(mutation == Mutation.NONE);
            }
        }
    }
}
