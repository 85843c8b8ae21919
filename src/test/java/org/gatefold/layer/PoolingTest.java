package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Dataset;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.pooling.AvgPool1d;
import org.gatefold.layer.pooling.AvgPool2d;
import org.gatefold.layer.pooling.GlobalPooling;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pooling as layers: lengths, padding, and a whole life with other layers. */
class PoolingTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    private static void build(Layer layer, Form form) {
        layer.build(new ParameterStore(), "pool", form);
    }

    private static List<Integer> lengths(Layer layer) {
        LayerRun result = LayerRun.of(layer, Form.sequences(2), Shape.of(9, 3, 2), new int[] {9, 4, 0}, new float[54]);
        return result.lengths();
    }

    @Test
    void lengthsBecomeThoseOfTheOutputs() {
        assertThat(lengths(MaxPool1d.of(3))).containsExactly(3, 1, 0);
        assertThat(lengths(MaxPool1d.of(3).stride(1))).containsExactly(7, 2, 0);
        assertThat(lengths(AvgPool1d.of(4).stride(1).same())).containsExactly(9, 4, 0);
        assertThat(lengths(AvgPool1d.of(3).causal())).containsExactly(3, 2, 0);
        assertThat(lengths(MaxPool1d.of(5))).containsExactly(1, 0, 0);
        assertThat(lengths(MaxPool1d.of(3).padding(2, 1).stride(3))).containsExactly(4, 2, 0);
    }

    /** PyTorch's divisors: {@code count_include_pad} or not; a row ends where its length says. */
    @Test
    void meansCountPaddingOrNot() {
        float[] x = {1, 10, 2, 20, 3, Float.NaN, 4, Float.NaN};
        int[] lengths = {4, 2};
        Shape shape = Shape.of(4, 2, 1);
        LayerRun counted = LayerRun.of(AvgPool1d.of(2).padding(1, 1), Form.sequences(1), shape, lengths, x);
        assertThat(counted.lengths()).containsExactly(3, 2);
        assertThat(counted.values()).containsExactly(0.5f, 5f, 2.5f, 10f, 2f, 0f);
        LayerRun left =
                LayerRun.of(AvgPool1d.of(2).padding(1, 1).withoutPadding(), Form.sequences(1), shape, lengths, x);
        assertThat(left.values()).containsExactly(1f, 10f, 2.5f, 20f, 4f, 0f);
    }

    @Test
    void causalWindowsKnowNoLaterStep() {
        float[] x = {3, 1, 4, 1, 5};
        LayerRun result =
                LayerRun.of(MaxPool1d.of(2).stride(1).causal(), Form.sequences(1), Shape.of(5, 1, 1), null, x);
        assertThat(result.values()).containsExactly(3f, 3f, 4f, 4f, 5f);
    }

    /** As Keras' {@code padding="same"}: what is left over of the padding stands below and right. */
    @Test
    void sameGivesAnOutputForEachBegunStride() {
        float[] x = {1, 2, 3, 4, 5, 6};
        LayerRun result = LayerRun.of(MaxPool2d.of(2, 2).same(), Form.rows(1, 2, 3), Shape.of(1, 1, 2, 3), null, x);
        assertThat(result.shape()).containsExactly(1, 1, 1, 2);
        assertThat(result.values()).containsExactly(5f, 6f);
        LayerRun mean = LayerRun.of(
                AvgPool2d.of(3, 3).stride(2, 2).same().withoutPadding(),
                Form.rows(1, 2, 3),
                Shape.of(1, 1, 2, 3),
                null,
                x);
        assertThat(mean.shape()).containsExactly(1, 1, 1, 2);
        assertThat(mean.values()).containsExactly(3f, 4f);
    }

    @Test
    void imagesAndFramesOfFilmsAreReducedToANumberForEachChannel() {
        float[] x = {1, 2, 3, 6, 5, 5, 5, 9};
        assertThat(LayerRun.of(GlobalPooling.mean(), Form.rows(2, 2, 2), Shape.of(1, 2, 2, 2), null, x)
                        .values())
                .containsExactly(3f, 6f);
        LayerRun films =
                LayerRun.of(GlobalPooling.max(), Form.sequences(1, 2, 2), Shape.of(2, 1, 1, 2, 2), new int[] {2}, x);
        assertThat(films.shape()).containsExactly(2, 1, 1);
        assertThat(films.lengths()).containsExactly(2);
        assertThat(films.values()).containsExactly(6f, 9f);
    }

    @Test
    void areMadeAgainFromTheirDescriptions() {
        for (Layer layer : List.of(
                MaxPool1d.of(3).stride(2).causal().named("a"),
                AvgPool1d.of(3).padding(1, 2).withoutPadding().named("b"),
                AvgPool1d.of(3).stride(1).same().named("c"),
                MaxPool2d.of(3, 2).stride(2, 1).padding(1, 0).named("d"),
                AvgPool2d.of(3, 2).same().withoutPadding().named("e"),
                GlobalPooling.max().named("f"),
                GlobalPooling.mean().named("g"))) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    @Test
    void refuseWhatTheyCannotTake() {
        assertThatThrownBy(() -> build(MaxPool1d.of(3).same(), Form.sequences(2)))
                .hasMessage("layer 'pool': expected stride 1 with padding 'same', got 3; give the padding in steps");
        assertThatThrownBy(() -> MaxPool1d.of(3).padding(3, 0))
                .hasMessage("before: expected 0 to 2 steps, fewer than a window has, got 3");
        assertThatThrownBy(() -> AvgPool2d.of(3, 2).padding(0, 2))
                .hasMessage("paddingWidth: expected 0 to 1, less than a window has, got 2");
        assertThatThrownBy(() -> build(GlobalPooling.mean(), Form.rows(2)))
                .hasMessage("layer 'pool': expected images [B, C, H, W] or films [T, B, C, H, W], got [B, 2]");
        assertThatThrownBy(() -> build(MaxPool2d.of(2, 5), Form.rows(2, 4, 4)))
                .hasMessage("layer 'pool': expected images of at least 5 columns with the padding, got 4");
        assertThatThrownBy(() -> LayerRun.of(MaxPool1d.of(5), Form.sequences(1), Shape.of(4, 1, 1), null, 1, 2, 3, 4))
                .hasMessage("maxpool1d: x: expected at least 5 steps with the padding, got 4");
    }

    @OnEveryDevice
    void areTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        Dataset data = TrainingCheck.sums(12, 4, 5);
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model first = Sequential.on(subject.device())
                        .seed(3)
                        .add(Conv1d.of(6, 3).same())
                        .add(MaxPool1d.of(2).padding(1, 0))
                        .add(AvgPool1d.of(2).stride(1).causal())
                        .add(Lstm.of(4))
                        .add(Linear.of(1))
                        .build(2)) {
            TrainingCheck.learnsAndComesBack(first, Loss.mse(), data, 15, "output", folder);
        }
    }
}
