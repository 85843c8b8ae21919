package org.gatefold.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.contract.OnEveryDevice;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Parameter;
import org.gatefold.model.Model;
import org.gatefold.model.ModelInputs;
import org.gatefold.model.ModuleDescription;
import org.gatefold.model.Network;
import org.gatefold.op.Precision;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.seq2seq.EncoderDecoder.Attention;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.Evaluation;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
import org.gatefold.train.metric.Metric;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Encoders and decoders on every device, through a whole life. */
class EncoderDecoderTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @ParameterizedTest
    @CsvSource({
        "cpu,cpu.native,NONE", "cpu,cpu.native,DOT", "cpu,cpu.native,GENERAL", "cpu,cpu.native,ADDITIVE",
        "cuda:0,cuda,NONE", "cuda:0,cuda,DOT", "cuda:0,cuda,GENERAL", "cuda:0,cuda,ADDITIVE"
    })
    void devicesFollowTheReference(String name, String implementation, Attention attention) {
        SmallTraining.assertFollowsReference(
                name,
                implementation,
                Reversals.model(attention),
                Reversals.random(12, 4, 1).data());
    }

    @ParameterizedTest
    @EnumSource(Attention.class)
    void learnsToReverseAndComesBack(Attention attention) throws Exception {
        Dataset data = Reversals.random(240, 4, 1).data();
        Batches unseen = Batches.of(Reversals.random(60, 4, 2).data(), 60);
        try (Device device = Devices.cpu();
                Model model =
                        Reversals.model(attention).network().on(device).seed(5).build()) {
            SmallTraining.trainer(model).fit(Batches.of(data, 12).shuffled(2).bucketed(), 40);
            Evaluation seen = Evaluation.of(model, unseen, Loss.crossEntropy(), Metric.accuracy(), Metric.perplexity());
            assertThat(seen.metrics().get("accuracy")).isGreaterThan(attention == Attention.NONE ? 0.8 : 0.97);
            assertThat(seen.metrics().get("perplexity")).isCloseTo(Math.exp(seen.loss()), within(1e-4));
            Path file = folder.resolve("model");
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.network().description())
                        .isEqualTo(model.network().description());
                assertThat(loaded.predict(unseen.data()).get("output").sequences())
                        .isDeepEqualTo(
                                model.predict(unseen.data()).get("output").sequences());
            }
        }
    }

    @OnEveryDevice
    void isResumedToTheBit(String name, String implementation) {
        Batches data = Batches.of(Reversals.random(12, 3, 1).data(), 4).shuffled(2);
        try (Subject subject = Subject.open(name, implementation, LinearOp.class)) {
            float[] straight;
            try (Model model = Reversals.model(Attention.DOT)
                    .network()
                    .on(subject.device())
                    .seed(5)
                    .build()) {
                SmallTraining.trainer(model).fit(data, 3);
                straight = model.parameters().values().toFloats();
            }
            Path kept = folder.resolve("kept");
            try (Model model = Reversals.model(Attention.DOT)
                    .network()
                    .on(subject.device())
                    .seed(5)
                    .build()) {
                SmallTraining.trainer(model).checkpoints(kept).fit(data, 1);
            }
            try (Model model = Reversals.model(Attention.DOT)
                    .network()
                    .on(subject.device())
                    .seed(6)
                    .build()) {
                SmallTraining.trainer(model).checkpoints(kept).resume(true).fit(data, 3);
                assertThat(model.parameters().values().toFloats()).isEqualTo(straight);
            }
        }
    }

    /** Logits of each row alone are those beside longer ones: padding has no part in them. */
    @ParameterizedTest
    @EnumSource(Attention.class)
    void rowsHaveNoInfluenceOnEachOther(Attention attention) {
        Reversals all = Reversals.random(5, 5, 7);
        try (Device device = Devices.cpu();
                Model model =
                        Reversals.model(attention).network().on(device).seed(5).build()) {
            float[][][] together = model.predict(all.data()).get("output").sequences();
            double weighted = 0;
            double steps = 0;
            for (int row = 0; row < 5; row++) {
                Dataset alone = all.data().select(row);
                float[][] one = model.predict(alone).get("output").sequences()[0];
                assertThat(one).hasDimensions(all.targets[row].length + 1, Reversals.VOCABULARY);
                for (int t = 0; t < one.length; t++) {
                    assertThat(together[row][t]).containsExactly(one[t], within(1e-6f));
                }
                weighted += one.length
                        * Evaluation.of(model, Batches.of(alone, 1), Loss.crossEntropy())
                                .loss();
                steps += one.length;
            }
            Evaluation whole = Evaluation.of(model, Batches.of(all.data(), 5), Loss.crossEntropy());
            assertThat(whole.loss()).isCloseTo(weighted / steps, within(1e-6));
        }
    }

    /** Adds the loss of a batch and its gradients. */
    private static double loss(Model model, Context context, Batch batch, boolean gradients) {
        context.begin(0);
        context.setDropout(false);
        DeviceBatch uploaded = batch.upload(context.scope());
        Map<String, Variable> outputs = model.forward(context, ModelInputs.of(model, uploaded));
        Tensor loss = context.scope().f32("loss", 1);
        Loss.crossEntropy().compute(Outputs.of(context, outputs), uploaded, loss);
        if (gradients) {
            context.tape().backward();
        }
        return loss.item();
    }

    /** Along the gradient, the loss grows as its square says: by central differences, for every parameter. */
    @ParameterizedTest
    @CsvSource({"NONE,1", "DOT,1", "GENERAL,1", "ADDITIVE,1", "DOT,2"})
    void gradientsAgreeWithDifferences(Attention attention, int members) {
        Batch batch = Reversals.random(4, 4, 9).data().batch();
        try (Device device = Devices.named("reference");
                Model model = Reversals.model(attention)
                        .members(members)
                        .network()
                        .on(device)
                        .seed(5)
                        .build();
                Context context = Context.training(device, 1)) {
            for (Parameter parameter : model.parameters().list()) {
                float[] values = parameter.value().toFloats();
                for (int i = 0; i < values.length; i++) {
                    values[i] +=
                            0.3f * (float) Math.sin(3 * i + parameter.name().length());
                }
                parameter.set(values);
            }
            model.parameters().zeroGradients();
            loss(model, context, batch, true);
            for (Parameter parameter : model.parameters().list()) {
                float[] gradient = parameter.gradient().toFloats();
                double square = 0;
                for (float g : gradient) {
                    square += (double) g * g;
                }
                double norm = Math.sqrt(square);
                assertThat(norm).as(parameter.name()).isGreaterThan(1e-5);
                float[] kept = parameter.value().toFloats();
                double step = 0.02;
                double[] around = new double[5];
                for (int k = -2; k <= 2; k++) {
                    float[] moved = kept.clone();
                    for (int i = 0; i < moved.length; i++) {
                        moved[i] += (float) (k * step * gradient[i] / norm);
                    }
                    parameter.set(moved);
                    around[k + 2] = loss(model, context, batch, false);
                }
                parameter.set(kept);
                double slope = (around[0] - 8 * around[1] + 8 * around[3] - around[4]) / (12 * step);
                assertThat(slope).as(parameter.name()).isCloseTo(norm, within(2e-3 * norm + 1e-5));
            }
        }
    }

    /** What is said of the memory of a step holds: exactly where all steps are computed at once, else at most. */
    @ParameterizedTest
    @CsvSource({"NONE,1", "DOT,1", "GENERAL,1", "ADDITIVE,1", "DOT,2", "DOT,3", "GENERAL,3"})
    void theFootprintIsNotPassed(Attention attention, int members) {
        int[][] sources = new int[5][7];
        int[][] targets = new int[5][6];
        Batch batch = EncoderDecoder.pairs(sources, targets).batch();
        try (Device device = Devices.cpu();
                Model model = Reversals.model(attention)
                        .members(members)
                        .network()
                        .on(device)
                        .build();
                Context context = Context.training(device, 1)) {
            long inputs = 0;
            for (int step = 0; step < 3; step++) {
                context.begin(step);
                DeviceBatch uploaded = batch.upload(context.scope());
                inputs = context.scope().bytesInUse();
                Map<String, Variable> outputs = model.forward(context, ModelInputs.of(model, uploaded));
                outputs.get("output").gradient().fill(1f);
                context.tape().backward();
            }
            // Inputs are counted with lengths, and here stands a target beside them.
            long said = model.footprint(5, 7).step() - 4 * 256;
            long used = context.scope().peakBytes() - inputs;
            assertThat(used).isLessThanOrEqualTo(said);
            if (attention == Attention.DOT) {
                assertThat(used).isEqualTo(said);
            }
            assertThat(used).isGreaterThan(said * 2 / 3);
        }
    }

    @ParameterizedTest
    @EnumSource(Attention.class)
    void severalMembersGiveTheMeanOfTheirLogits(Attention attention) throws Exception {
        Dataset data = Reversals.random(5, 5, 7).data();
        Path file = folder.resolve("model");
        Network one = Reversals.model(attention).network();
        try (Device device = Devices.cpu();
                Model first = one.on(device).seed(5).build();
                Model second = one.on(device).seed(6).build();
                Model both = EncoderDecoder.joined((ModuleDescription) one.description(), 2)
                        .on(device)
                        .build()) {
            List<Model> members = List.of(first, second);
            for (int member = 0; member < 2; member++) {
                for (Parameter parameter : members.get(member).parameters().list()) {
                    both.parameters()
                            .get(EncoderDecoder.ofMember(member, parameter.name()))
                            .set(parameter.value().toFloats());
                }
            }
            ModelFile.save(both, file, Map.of());
            float[][][] a = first.predict(data).get("output").sequences();
            float[][][] b = second.predict(data).get("output").sequences();
            float[][][] mean = both.predict(data).get("output").sequences();
            assertThat(both.parameters().list())
                    .hasSize(2 * first.parameters().list().size());
            for (int row = 0; row < mean.length; row++) {
                for (int t = 0; t < mean[row].length; t++) {
                    assertThat(a[row][t]).isNotEqualTo(b[row][t]);
                    for (int i = 0; i < a[row][t].length; i++) {
                        a[row][t][i] = (a[row][t][i] + b[row][t][i]) / 2;
                    }
                    assertThat(mean[row][t]).containsExactly(a[row][t], within(1e-6f));
                }
            }
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.predict(data).get("output").sequences()).isDeepEqualTo(mean);
            }
        }
    }

    @Test
    void precisionAndFirstVectorsAreThoseOfItsLayersAndOfItsFile() throws Exception {
        Network network = EncoderDecoder.of(5, 6)
                .embedding(3)
                .units(4)
                .precision(Precision.BF16)
                .vectors(Initializer.normal(0.2f))
                .network();
        Map<String, Map<String, ?>> layers = new HashMap<>();
        network.layers()
                .forEach(layer -> layers.put(layer.layer().name(), layer.layer().options()));
        assertThat(List.of("source-embedding", "target-embedding"))
                .allSatisfy(name -> assertThat(layers.get(name).get("weights")).isEqualTo("normal(0.2)"));
        assertThat(List.of("encoder", "decoder"))
                .allSatisfy(
                        name -> assertThat(layers.get(name).get("precision")).isEqualTo("bf16"));
        Path file = folder.resolve("model");
        try (Device device = Devices.cpu();
                Model model = network.on(device).seed(1).build()) {
            ModelFile.save(model, file, Map.of());
        }
        assertThat(ModelFile.network(file).description()).isEqualTo(network.description());
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).precision(null))
                .hasMessage("precision: expected one of its kinds, got null");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).vectors(null))
                .hasMessage("vectors: expected an initializer, got null");
    }

    @Test
    void saysWhatItCannotBe() {
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).shared().network())
                .hasMessage("shared: expected vocabularies of one size, got 5 and 6");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 2).network())
                .hasMessage("end: expected 0 to 1 in a target vocabulary of 2, got 2");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 0)).hasMessage("targetVocabulary: expected at least 1, got 0");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).members(0)).hasMessage("members: expected at least 1, got 0");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).members(101))
                .hasMessage("members: expected 1 to 100, got 101");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).dropout(1f))
                .hasMessage("dropout: expected 0 <= p < 1, got 1.0");
        assertThatThrownBy(() -> EncoderDecoder.of(5, 6).cells(Cell.LSTM, Cell.RNN_TANH))
                .hasMessage("cell of the decoder: expected LSTM or GRU, got RNN_TANH");
        assertThatThrownBy(() -> EncoderDecoder.pairs(new int[][] {{3}}, new int[][] {{3}, {4}}))
                .hasMessageContaining("expected 1 rows, got 2");
        List<String> layers = new ArrayList<>();
        Reversals.model(Attention.GENERAL)
                .network()
                .layers()
                .forEach(layer -> layers.add(layer.layer().name()));
        assertThat(layers).contains("embedding", "encoder", "decoder", "attention", "combine", "logits");
    }
}
