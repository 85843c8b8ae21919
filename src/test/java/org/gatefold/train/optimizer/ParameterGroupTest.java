package org.gatefold.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Sequential;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.Segments.Segment;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.Test;

class ParameterGroupTest {
    private static final Segments SEGMENTS = new Segments(List.of(
            new Segment("embedding.w", 0, 4, 1f, 1f),
            new Segment("lstm.b", 64, 2, 1f, 0f),
            new Segment("lstm.wx", 128, 2, 0f, 1f),
            new Segment("xembedding.w", 192, 2, 0.5f, 1f)));

    @Test
    void groupsGiveTheirMembersFactors() {
        Segments changed = ParameterGroup.apply(
                List.of(
                        ParameterGroup.of("embedding.*").learningRate(0.25f).penalty(0f),
                        ParameterGroup.of("the rest of weights", name -> name.endsWith("x"))
                                .learningRate(3f),
                        ParameterGroup.of("*.b").penalty(2f)),
                SEGMENTS);
        assertThat(changed.list())
                .containsExactly(
                        new Segment("embedding.w", 0, 4, 0.25f, 0f),
                        new Segment("lstm.b", 64, 2, 1f, 2f),
                        new Segment("lstm.wx", 128, 2, 0f, 1f),
                        new Segment("xembedding.w", 192, 2, 0.5f, 1f));
    }

    @Test
    void groupsThatOverlapOrAreEmptyAreRefused() {
        assertThatThrownBy(() ->
                        ParameterGroup.apply(List.of(ParameterGroup.of("lstm.*"), ParameterGroup.of("*.b")), SEGMENTS))
                .hasMessage("group '*.b': parameter 'lstm.b' is in group 'lstm.*' too; expected it in one");
        assertThatThrownBy(() -> ParameterGroup.apply(List.of(ParameterGroup.of("embedding")), SEGMENTS))
                .hasMessage(
                        "group 'embedding': expected some of [embedding.w, lstm.b, lstm.wx, xembedding.w], fits none");
        assertThatThrownBy(() -> ParameterGroup.of("*").penalty(-1f))
                .hasMessage("penalty: expected a finite value >= 0, got -1.0");
    }

    /** Gradient 0, so that only the decay moves weights: one by 1 - 0.1 * 0.5, the other by 1 - 0.1 * 0.5 * 0.5. */
    @Test
    void trainingFollowsThem() {
        try (Device device = Devices.named("cpu");
                Sequential model = Sequential.on(device)
                        .add(Linear.of(1).named("first"))
                        .add(Linear.of(1).named("second"))
                        .build(1)) {
            for (String name : List.of("first.w", "second.w", "first.b")) {
                model.parameters().get(name).set(new float[] {2f});
            }
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Sgd.of(0.1f).weightDecay(0.5f))
                    .group(ParameterGroup.of("second.*").learningRate(0.5f))
                    .group(ParameterGroup.of("first.b").penalty(1f))
                    .fit(
                            Batches.of(
                                    Dataset.of(new float[][][] {{{0f}}})
                                            .withStepTargets(new float[][][] {{{0f}}})
                                            .withWeights(0f),
                                    1),
                            1);
            assertThat(model.parameters().get("first.w").value().toFloats()).containsExactly(2f * 0.95f);
            assertThat(model.parameters().get("second.w").value().toFloats()).containsExactly(2f * 0.975f);
            assertThat(model.parameters().get("first.b").value().toFloats()).containsExactly(2f * 0.95f);
        }
    }
}
