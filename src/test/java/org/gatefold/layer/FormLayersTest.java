package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.RepeatVector;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.TimeDistributed;
import org.gatefold.layer.form.TimeSlice;
import org.gatefold.layer.form.ToRows;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.MaxPool2d;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that change forms: where numbers go, what becomes of lengths, and a whole life with other layers. */
class FormLayersTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** What a layer gives for the numbers 0, 1, 2, …. */
    private static LayerRun run(Layer layer, Form form, int steps, int batch, int... lengths) {
        Shape shape = form.shape(steps, batch);
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return LayerRun.of(layer, form, shape, lengths.length == 0 ? null : lengths, values);
    }

    @Test
    void numbersKeepTheirOrderUnderOtherDimensions() {
        LayerRun flat = run(Flatten.create(), Form.sequences(2, 3), 2, 2, 2, 1);
        assertThat(flat.shape()).containsExactly(2, 2, 6);
        assertThat(flat.lengths()).containsExactly(2, 1);
        LayerRun shaped = run(Reshape.of(3, 2, 1), Form.rows(6), 1, 2);
        assertThat(shaped.shape()).containsExactly(2, 3, 2, 1);
        assertThat(shaped.values()).startsWith(0f, 1f, 2f, 3f);
    }

    /** For every order of up to four dimensions, against the definition by places. */
    @Test
    void permutationsPutEachNumberWhereTheOrderSays() {
        int[] sizes = {2, 3, 4, 5};
        for (int rank = 2; rank <= 4; rank++) {
            int[] in = Arrays.copyOf(sizes, rank);
            for (List<Integer> order : orders(new ArrayList<>(), rank)) {
                int[] axes = order.stream().mapToInt(Integer::intValue).toArray();
                LayerRun result = run(Permute.of(axes), Form.rows(in), 1, 2);
                List<Float> expected = new ArrayList<>();
                int[] out = new int[rank];
                Arrays.setAll(out, i -> in[axes[i] - 1]);
                int size = Arrays.stream(in).reduce(1, (a, b) -> a * b);
                for (int place = 0; place < 2 * size; place++) {
                    int[] at = new int[rank];
                    int rest = place % size;
                    for (int i = rank - 1; i >= 0; i--) {
                        at[axes[i] - 1] = rest % out[i];
                        rest /= out[i];
                    }
                    int from = 0;
                    for (int i = 0; i < rank; i++) {
                        from = from * in[i] + at[i];
                    }
                    expected.add((float) (place / size * size + from));
                }
                assertThat(result.values()).as("order %s", order).isEqualTo(expected);
                assertThat(result.shape().subList(1, rank + 1))
                        .isEqualTo(Arrays.stream(out).boxed().toList());
            }
        }
    }

    private static List<List<Integer>> orders(List<Integer> begun, int count) {
        if (begun.size() == count) {
            return List.of(begun);
        }
        List<List<Integer>> all = new ArrayList<>();
        for (int next = 1; next <= count; next++) {
            if (!begun.contains(next)) {
                List<Integer> longer = new ArrayList<>(begun);
                longer.add(next);
                all.addAll(orders(longer, count));
            }
        }
        return all;
    }

    @Test
    void rowsBecomeSequences() {
        LayerRun columns = run(ToSequence.create(), Form.rows(3, 2), 1, 2);
        assertThat(columns.shape()).containsExactly(3, 2, 2);
        assertThat(columns.values()).containsExactly(0f, 1f, 6f, 7f, 2f, 3f, 8f, 9f, 4f, 5f, 10f, 11f);
        LayerRun rows = run(ToRows.of(3), Form.sequences(2), 3, 2, 3, 3);
        assertThat(rows.shape()).containsExactly(2, 3, 2);
        assertThat(rows.values()).containsExactly(0f, 1f, 4f, 5f, 8f, 9f, 2f, 3f, 6f, 7f, 10f, 11f);
        LayerRun repeated = run(RepeatVector.of(3), Form.rows(2), 1, 2);
        assertThat(repeated.shape()).containsExactly(3, 2, 2);
        assertThat(repeated.values()).containsExactly(0f, 1f, 2f, 3f, 0f, 1f, 2f, 3f, 0f, 1f, 2f, 3f);
    }

    /** Three rows of 5, 2 and 0 steps. */
    @Test
    void slicesKnowWhereRowsEnd() {
        Form form = Form.sequences(1);
        LayerRun first = run(TimeSlice.first(3), form, 5, 3, 5, 2, 0);
        assertThat(first.values()).containsExactly(0f, 1f, 0f, 3f, 4f, 0f, 6f, 0f, 0f);
        assertThat(first.lengths()).containsExactly(3, 2, 0);
        LayerRun last = run(TimeSlice.last(3), form, 5, 3, 5, 2, 0);
        assertThat(last.values()).containsExactly(6f, 1f, 0f, 9f, 4f, 0f, 12f, 0f, 0f);
        assertThat(last.lengths()).containsExactly(3, 2, 0);
        LayerRun every = run(TimeSlice.every(2), form, 5, 3, 5, 2, 0);
        assertThat(every.values()).containsExactly(0f, 1f, 0f, 6f, 0f, 0f, 12f, 0f, 0f);
        assertThat(every.lengths()).containsExactly(3, 1, 0);
        assertThat(run(TimeSlice.last(2), form, 3, 1).values()).containsExactly(1f, 2f);
        assertThat(run(TimeSlice.first(7), form, 3, 1).values()).containsExactly(0f, 1f, 2f);
    }

    private static Variable sequence(Context context, Lengths lengths, float... values) {
        Tensor x = context.scope().f32("x", Shape.of(lengths.steps(), lengths.batch(), 1));
        x.write(values);
        return Variable.constant(x, lengths);
    }

    /** Statistics are those of the real steps, wherever they stand, and padding gives 0. */
    @Test
    void distributedLayersSeeNoPadding() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.training(device, 1)) {
            TimeDistributed layer = TimeDistributed.of(BatchNorm.create().momentum(1f), Linear.of(1));
            ParameterStore store = new ParameterStore();
            layer.build(store, "td", Form.sequences(1));
            store.allocate(scope, 1);
            store.get("td.1.b").set(7f);
            context.begin(0);
            Lengths lengths = context.scope().lengths(3, 3, 1);
            float nan = Float.NaN;
            Variable y = layer.forward(context, sequence(context, lengths, 1, 2, 3, nan, 6, nan));
            assertThat(store.get("td.0.mean").value().toFloats()).containsExactly(3f);
            assertThat(y.lengths().toArray()).containsExactly(3, 1);
            assertThat(y.value().toFloats()[3]).isZero();
            assertThat(y.value().toFloats()[4]).isNotNaN().isNotZero();

            boolean[][] real = {{true, false, true}, {false, true, false}};
            Lengths mask = context.scope().lengths(Mask.of(3, real));
            Variable z = layer.forward(context, sequence(context, mask, 1, nan, nan, 2, 6, nan));
            assertThat(store.get("td.0.mean").value().toFloats()).containsExactly(3f);
            assertThat(z.lengths().mask()).isSameAs(mask.mask());
            assertThat(z.value().toFloats()[1]).isZero();
            assertThat(z.value().toFloats()[2]).isZero();
            assertThat(z.value().toFloats()[3]).isNotNaN().isNotZero();

            Lengths none = context.scope().lengths(3, 0, 0);
            Variable empty = layer.forward(context, sequence(context, none, nan, nan, nan, nan, nan, nan));
            assertThat(empty.value().toFloats()).containsOnly(0f);
            assertThat(store.get("td.0.mean").value().toFloats()).containsExactly(3f);
        }
    }

    @Test
    void areMadeAgainFromTheirDescriptions() {
        for (Layer layer : List.of(
                Flatten.create().named("a"),
                Reshape.of(3, 4).named("b"),
                Permute.of(3, 1, 2).named("c"),
                ToSequence.create().named("d"),
                ToRows.of(3).named("d2"),
                RepeatVector.of(5).named("e"),
                TimeSlice.last(3).named("f"),
                TimeSlice.every(2).named("g"),
                TimeDistributed.of(Conv2d.of(2, 3, 3).same(), MaxPool2d.of(2, 2), Flatten.create())
                        .named("h"))) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    private static void build(Layer layer, Form form) {
        layer.build(new ParameterStore(), "l", form);
    }

    @Test
    void refuseWhatTheyCannotTake() {
        assertThatThrownBy(() -> build(Reshape.of(4), Form.rows(2, 3)))
                .hasMessage("layer 'l': expected 6 numbers, as in [B, 2, 3], got [4]");
        assertThatThrownBy(() -> Permute.of(1, 1)).hasMessage("order: expected each of 1 to 2 once, got [1, 1]");
        assertThatThrownBy(() -> build(Permute.of(2, 1), Form.rows(2)))
                .hasMessage("layer 'l': expected 2 dimensions beside rows and steps, got [B, 2]");
        assertThatThrownBy(() -> build(ToSequence.create(), Form.rows(2)))
                .hasMessage("layer 'l': expected rows of at least two dimensions [B, N, …], got [B, 2]");
        assertThatThrownBy(() -> ToRows.of(0)).hasMessage("count: expected at least 1, got 0");
        assertThatThrownBy(() -> run(ToRows.of(3).named("r"), Form.sequences(2), 2, 2))
                .hasMessage("layer 'r': expected sequences of 3 steps, got 2");
        assertThatThrownBy(() -> run(ToRows.of(3).named("r"), Form.sequences(2), 3, 2, 3, 1))
                .hasMessage("layer 'r': expected 3 real steps in each row, got 1 in row 1");
        assertThatThrownBy(() -> build(RepeatVector.of(2), Form.sequences(2)))
                .hasMessage("layer 'l': expected rows [B, …], got sequences [T, B, 2]");
        assertThatThrownBy(() -> TimeSlice.first(0)).hasMessage("count: expected at least 1, got 0");
        assertThatThrownBy(() -> build(TimeDistributed.of(RepeatVector.of(2)), Form.sequences(2)))
                .hasMessage("layer 'l': expected layers that give rows, got ones that give sequences [T, B, 2]");
        assertThatThrownBy(TimeDistributed::of).hasMessage("layers: expected at least one, got none");
    }

    /** Frames of films by a convolution, their columns as steps of a row, and steps back into a sequence. */
    @OnEveryDevice
    void areTrainedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        float[][][] x = new float[12][][];
        float[] target = new float[x.length];
        for (int row = 0; row < x.length; row++) {
            x[row] = new float[2 + row % 4][12];
            for (int t = 0; t < x[row].length; t++) {
                for (int i = 0; i < 12; i++) {
                    x[row][t][i] = (float) Math.sin(row + t * i);
                }
                target[row] += x[row][t][0];
            }
        }
        Dataset data = Dataset.of(Column.sequences("x", x)).withTarget(Column.numbers("y", target));
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model first = Sequential.on(subject.device())
                        .seed(3)
                        .add(TimeDistributed.of(
                                Reshape.of(1, 3, 4),
                                Conv2d.of(4, 2, 2),
                                BatchNorm.create(),
                                ActivationLayer.tanh(),
                                Permute.of(3, 1, 2),
                                Flatten.create()))
                        .add(TimeSlice.last(4))
                        .add(Gru.of(6))
                        .add(RepeatVector.of(3))
                        .add(Gru.of(4))
                        .add(Linear.of(1))
                        .build(12)) {
            TrainingCheck.learnsAndComesBack(first, Loss.mse(), data, 25, "output", folder);
        }
    }
}
