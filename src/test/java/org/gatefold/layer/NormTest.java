package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.AdamW;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Normalisation as layers: running statistics, and where they are kept. */
class NormTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @Test
    void trainingUpdatesRunningStatisticsAndInferenceUsesThem() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context training = Context.training(device, 1);
                Context inference = Context.inference(device)) {
            BatchNorm norm = BatchNorm.create().momentum(0.5f);
            ParameterStore store = new ParameterStore();
            norm.build(store, "norm", Form.rows(2));
            store.allocate(scope, 1);
            assertThat(store.get("norm.mean").isFrozen()).isTrue();
            float[] rows = {1, 10, 3, 30};
            training.begin(0);
            float[] y = norm.forward(training, rows(training, rows)).value().toFloats();
            assertThat(y[0]).isCloseTo(-1f, offset(1e-4f));
            assertThat(store.get("norm.mean").value().toFloats()).containsExactly(1f, 10f);
            // 0.5 * 1 + 0.5 * the unbiased variances 2 and 200
            assertThat(store.get("norm.variance").value().toFloats()).containsExactly(1.5f, 100.5f);

            inference.begin(0);
            float[] z = norm.forward(inference, rows(inference, rows)).value().toFloats();
            assertThat(z[0]).isZero();
            assertThat(z[2]).isCloseTo(2f / (float) Math.sqrt(1.5), offset(1e-5f));
            assertThat(store.get("norm.mean").value().toFloats()).containsExactly(1f, 10f);

            // A tape without dropout takes the gradients of the model as it predicts.
            training.setDropout(false);
            training.begin(1);
            Variable x = Variable.of(rows(training, rows).value(), null, training.scope());
            Variable fixed = norm.forward(training, x);
            fixed.gradient().fill(1f);
            training.tape().backward();
            assertThat(x.gradient().toFloats()[0]).isCloseTo(1f / (float) Math.sqrt(1.5), offset(1e-5f));
        }
    }

    private static Variable rows(Context context, float... values) {
        var x = context.scope().f32("x", values.length / 2, 2);
        x.write(values);
        return Variable.constant(x);
    }

    @Test
    void areMadeAgainFromTheirDescriptions() {
        for (Layer layer : List.of(
                LayerNorm.create().epsilon(0.5f).withoutAffine().named("a"),
                BatchNorm.create().epsilon(0.5f).momentum(0.3f).named("b"),
                BatchNorm.create().withoutAffine().named("c"))) {
            assertThat(Layers.of(layer.description()).description()).isEqualTo(layer.description());
        }
    }

    @Test
    void refuseWhatTheyCannotTake() {
        assertThatThrownBy(() -> LayerNorm.create().epsilon(0f))
                .hasMessage("epsilon: expected a finite value > 0, got 0.0");
        assertThatThrownBy(() -> BatchNorm.create().momentum(1.5f))
                .hasMessage("momentum: expected 0 <= momentum <= 1, got 1.5");
        assertThatThrownBy(() -> BatchNorm.create().build(new ParameterStore(), "norm", Form.rows()))
                .hasMessageContaining("expected at least one dimension");
    }

    /** Statistics go with weights into checkpoints and model files, and no optimiser touches them. */
    @OnEveryDevice
    void areTrainedResumedSavedAndLoadedToTheBit(String name, String implementation) throws Exception {
        float[][][] x = new float[10][][];
        float[] target = new float[x.length];
        for (int row = 0; row < x.length; row++) {
            x[row] = new float[2 + row % 3][];
            for (int t = 0; t < x[row].length; t++) {
                x[row][t] = new float[] {row * 10 + t, t - row};
            }
            target[row] = row % 4;
        }
        Dataset data = Dataset.of(Column.sequences("x", x)).withTarget(Column.numbers("y", target));
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model whole = model(subject.device());
                Model halves = model(subject.device())) {
            trainer(whole).fit(Batches.of(data, 4).shuffled(1), 4);
            trainer(halves)
                    .checkpoints(folder.resolve("run"))
                    .fit(Batches.of(data, 4).shuffled(1), 2);
            try (Model resumed = model(subject.device())) {
                trainer(resumed)
                        .checkpoints(folder.resolve("run"))
                        .resume(true)
                        .fit(Batches.of(data, 4).shuffled(1), 4);
                for (Parameter parameter : whole.parameters().list()) {
                    assertThat(resumed.parameters()
                                    .get(parameter.name())
                                    .value()
                                    .toFloats())
                            .as(parameter.name())
                            .isEqualTo(parameter.value().toFloats());
                }
            }
            assertThat(whole.parameters().get("batchnorm.mean").value().toFloats())
                    .doesNotContain(0f);
            ModelFile.save(whole, folder.resolve("model"), Map.of());
            try (Model loaded = ModelFile.load(subject.device(), folder.resolve("model"))) {
                assertThat(loaded.predict(x)).isDeepEqualTo(whole.predict(x));
            }
        }
    }

    @MustBeClosed
    private static Model model(Device device) {
        return Sequential.on(device)
                .seed(3)
                .add(BatchNorm.create())
                .add(Lstm.of(4).returnSequences())
                .add(LayerNorm.create())
                .add(TimePooling.mean())
                .add(Linear.of(1))
                .build(2);
    }

    private static Trainer trainer(Model model) {
        return Trainer.of(model).loss(Loss.mse()).optimizer(AdamW.of(0.01f)).seed(2);
    }

    @Test
    void gradientsOfImagesAgreeWithDifferences() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            GradientCheck.of(device, scope, BatchNorm.create(), Form.rows(2, 3, 2), null, Shape.of(3, 2, 3, 2))
                    .run();
        }
    }
}
