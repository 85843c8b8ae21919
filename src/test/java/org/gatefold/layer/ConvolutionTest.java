package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Convolutions as layers: lengths, padding, and a whole life with other layers. */
class ConvolutionTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** Lengths of the outputs for rows of 9, 4 and 0 steps among 9. */
    private static int[] lengths(Conv1d layer) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            ParameterStore store = new ParameterStore();
            layer.build(store, "conv", Form.sequences(2));
            store.allocate(scope, 1);
            context.begin(0);
            Tensor x = context.scope().zeros("x", 9, 3, 2);
            Variable y =
                    layer.forward(context, Variable.constant(x, context.scope().lengths(9, 9, 4, 0)));
            assertThat(y.lengths().max()).isEqualTo(y.shape().dim(0));
            return y.lengths().toArray();
        }
    }

    @Test
    void lengthsBecomeThoseOfTheOutputs() {
        assertThat(lengths(Conv1d.of(1, 3))).containsExactly(7, 2, 0);
        assertThat(lengths(Conv1d.of(1, 3).same())).containsExactly(9, 4, 0);
        assertThat(lengths(Conv1d.of(1, 4).same().dilation(2))).containsExactly(9, 4, 0);
        assertThat(lengths(Conv1d.of(1, 3).causal())).containsExactly(9, 4, 0);
        assertThat(lengths(Conv1d.of(1, 3).causal().stride(2))).containsExactly(5, 2, 0);
        assertThat(lengths(Conv1d.of(1, 5).stride(2))).containsExactly(3, 0, 0);
        assertThat(lengths(Conv1d.of(1, 3).padding(2, 1).stride(3))).containsExactly(4, 2, 0);
    }

    /** The answer for a row is the same whatever stands beside it, and no causal output knows a later step. */
    @Test
    void rowsAndLaterStepsHaveNoInfluence() {
        float[][][] rows = new float[3][][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = new float[4 + 3 * row][2];
            for (int t = 0; t < rows[row].length; t++) {
                Arrays.fill(rows[row][t], (float) Math.sin(row + 3 * t));
            }
        }
        try (Device device = Devices.cpu();
                Model model = Sequential.on(device)
                        .seed(2)
                        .add(Conv1d.of(4, 3).causal().dilation(2))
                        .add(Conv1d.of(3, 2).causal())
                        .build(2)) {
            int[] lengths = {4, 7, 10};
            float[][][] together = model.predictSequences(rows, lengths);
            for (int row = 0; row < rows.length; row++) {
                float[][][] alone = model.predictSequences(new float[][][] {rows[row]}, null);
                assertThat(together[row]).isDeepEqualTo(alone[0]);
            }
            float[][][] changed = {rows[2].clone()};
            changed[0][9] = new float[] {9, 9};
            float[][] other = model.predictSequences(changed, null)[0];
            assertThat(Arrays.copyOf(other, 9)).isDeepEqualTo(Arrays.copyOf(together[2], 9));
            assertThat(other[9]).isNotEqualTo(together[2][9]);
        }
    }

    @Test
    void areMadeAgainFromTheirDescriptions() {
        for (Layer layer : List.of(
                Conv1d.of(4, 3).stride(2).dilation(2).groups(2).causal().named("a"),
                Conv1d.of(4, 3).padding(1, 2).withoutBias().named("b"),
                Conv1d.of(4, 3)
                        .same()
                        .weights(Initializer.HE_NORMAL)
                        .bias(Initializer.ZEROS)
                        .named("c"),
                Conv2d.of(4, 3, 2).stride(2, 1).dilation(1, 2).padding(1, 0).named("d"),
                Conv2d.of(4, 3, 3).same().groups(2).named("e"))) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    @Test
    void refuseWhatTheyCannotTake() {
        assertThatThrownBy(() -> build(Conv1d.of(4, 3).same().stride(2), Form.sequences(2)))
                .hasMessage("layer 'conv': expected stride 1 with padding 'same', got 2; give the padding in steps");
        assertThatThrownBy(() -> build(Conv1d.of(4, 3).groups(2), Form.sequences(3)))
                .hasMessage("layer 'conv': expected groups that divide 3 channels and 4 filters, got 2");
        assertThatThrownBy(() -> build(Conv2d.of(4, 3, 3), Form.rows(2)))
                .hasMessage("layer 'conv': expected images [B, C, H, W] or films [T, B, C, H, W], got [B, 2]");
        assertThatThrownBy(() -> build(Conv2d.of(4, 5, 3), Form.rows(2, 4, 4)))
                .hasMessage("layer 'conv': expected images of at least 5 rows with the padding, got 4");
        try (Device device = Devices.named("reference");
                Model model = Sequential.on(device).add(Conv1d.of(1, 5)).build(1)) {
            assertThatThrownBy(() -> model.predictSequences(new float[1][4][1], null))
                    .hasMessage("conv1d: x: expected at least 5 steps with the padding, got 4");
        }
    }

    private static void build(Layer layer, Form form) {
        layer.build(new ParameterStore(), "conv", form);
    }

    @Test
    void filmsAreConvolvedStepByStep() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            Conv2d layer = Conv2d.of(2, 2, 2);
            ParameterStore store = new ParameterStore();
            assertThat(layer.build(store, "conv", Form.sequences(1, 3, 3))).isEqualTo(Form.sequences(2, 2, 2));
            store.allocate(scope, 1);
            context.begin(0);
            Tensor x = context.scope().f32("x", 2, 2, 1, 3, 3);
            float[] values = new float[36];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.cos(i);
            }
            x.write(values);
            Lengths lengths = context.scope().lengths(2, 2, 1);
            Variable y = layer.forward(context, Variable.constant(x, lengths));
            assertThat(y.shape().toArray()).containsExactly(2, 2, 2, 2, 2);
            assertThat(y.lengths()).isSameAs(lengths);
        }
    }

    @OnEveryDevice
    void areTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        Dataset data = TrainingCheck.sums(12, 3, 4);
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model first = Sequential.on(subject.device())
                        .seed(3)
                        .add(Conv1d.of(6, 3).same())
                        .add(ActivationLayer.relu())
                        .add(Conv1d.of(4, 2).causal().stride(2).groups(2))
                        .add(Lstm.of(4))
                        .add(Linear.of(1))
                        .build(2)) {
            TrainingCheck.learnsAndComesBack(first, Loss.mse(), data, 15, "output", folder);
        }
    }
}
