package org.gatefold.exchange.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.exchange.ModelFile;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.file.JsonFields;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random weights in the names of Hugging Face's libraries, and values in float64, by {@code ci/interop/bert_files.py}. */
public class BertTest {
    private static final float TOLERANCE = 1e-5f;
    private static final ForeignFiles FILES = new ForeignFiles(BertTest.class);
    private static final int FEATURES = 16;

    @TempDir
    private Path folder;

    /** The folder of an encoder. */
    public static Path folder(String name) {
        return FILES.file(name);
    }

    private static Path family(String name) {
        return folder(name);
    }

    private static NumpyArray array(String family, String name) throws IOException {
        return NumpyArray.readAll(family(family).resolve("arrays.npz")).get(name);
    }

    private static int[][] rows(String family, String name) throws IOException {
        NumpyArray array = array(family, name);
        int[] lengths = array(family, name + ".lengths").ints();
        int[][] rows = new int[lengths.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(array.ints(), i * array.shape()[1], i * array.shape()[1] + lengths[i]);
        }
        return rows;
    }

    private static void assertSteps(String family, String name, Prediction found) throws IOException {
        NumpyArray wanted = array(family, name);
        int steps = wanted.shape()[1];
        float[][][] rows = found.sequences();
        assertThat(rows).hasNumberOfRows(wanted.shape()[0]);
        for (int i = 0; i < rows.length; i++) {
            assertThat(rows[i].length).isEqualTo(rows(family, Bert.IDS)[i].length);
            for (int t = 0; t < rows[i].length; t++) {
                assertClose(name, wanted.floats(), (i * steps + t) * FEATURES, rows[i][t]);
            }
        }
    }

    private static void assertClose(String name, float[] wanted, int from, float... found) {
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("%s[%d]", name, from + i).isCloseTo(wanted[from + i], Offset.offset(TOLERANCE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "electra"})
    void givesWhatTheEquationsGive(String family) throws IOException {
        try (Device device = Devices.cpu();
                Model model = Bert.load(device, family(family))) {
            Column ids = Column.tokens(Bert.IDS, rows(family, Bert.IDS));
            Map<String, Prediction> found = family.equals("distilbert")
                    ? model.predict(ids)
                    : model.predict(ids, Column.tokens(Bert.TYPE_IDS, rows(family, Bert.TYPE_IDS)));
            assertSteps(family, Bert.STEPS, found.get(Bert.STEPS));
            assertThat(found.containsKey(Bert.POOLED)).isEqualTo(family.equals("bert"));
            if (found.containsKey(Bert.POOLED)) {
                float[][] pooled = found.get(Bert.POOLED).rows();
                for (int i = 0; i < pooled.length; i++) {
                    assertClose(Bert.POOLED, array(family, Bert.POOLED).floats(), i * FEATURES, pooled[i]);
                }
            }
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    private static Model under(Device device, Bert bert, Layer... top) {
        Network.Builder network = Network.sequential(Form.tokens());
        bert.config().layers(0).forEach(network::add);
        for (Layer layer : top) {
            network.add(layer);
        }
        return network.build()
                .on(device)
                .weights(parameters -> {
                    parameters.initialize(3);
                    bert.writeWeights(parameters);
                })
                .build();
    }

    /** Against PyTorch's automatic differentiation in float64, of the squares of the mean over steps. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "electra"})
    void givesTheGradientsOfTheEquations(String family) throws IOException {
        Bert bert = Bert.read(family(family));
        try (Device device = Devices.cpu();
                Model model = under(device, bert, TimePooling.mean());
                Context context = Context.training(device, 1)) {
            model.parameters().zeroGradients();
            int[][] rows = rows(family, Bert.IDS);
            Tensor ids = context.scope().i32("ids", 6, rows.length);
            int[] lengths = new int[rows.length];
            int[] values = new int[6 * rows.length];
            for (int i = 0; i < rows.length; i++) {
                lengths[i] = rows[i].length;
                for (int t = 0; t < lengths[i]; t++) {
                    values[t * rows.length + i] = rows[i][t];
                }
            }
            ids.write(values);
            Lengths valid = context.scope().lengths(6, lengths);
            Variable y = model.forward(context, Variable.constant(ids, valid));
            Tensor slope = y.contribution();
            float[] twice = y.value().toFloats();
            for (int i = 0; i < twice.length; i++) {
                twice[i] *= 2;
            }
            slope.write(twice);
            y.contributed(slope);
            context.tape().backward();
            int compared = 0;
            for (Map.Entry<String, String> name : BertNames.of(bert.config()).entrySet()) {
                NumpyArray wanted = array(family, "gradient." + name.getValue());
                if (wanted != null && !name.getKey().startsWith(Bert.TYPES)) {
                    float[] found =
                            model.parameters().get(name.getKey()).gradient().toFloats();
                    assertThat(found).hasSameSizeAs(wanted.floats());
                    assertClose(name.getKey(), wanted.floats(), 0, found);
                    compared++;
                }
            }
            assertThat(compared).isEqualTo(model.parameters().list().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "electra"})
    void givesOfSingleTextsWhatTheFirstTypeGives(String family) throws IOException {
        try (Device device = Devices.cpu();
                Model model = under(device, Bert.read(family(family)))) {
            assertSteps(
                    family,
                    "single",
                    model.predict(Column.tokens("input", rows(family, Bert.IDS)))
                            .get(Model.OUTPUT));
        }
    }

    @Test
    void comesBackFromItsOwnFile() throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Device device = Devices.cpu();
                Model model = Bert.load(device, family("bert"))) {
            ModelFile.save(model, file, Map.of());
            try (Model again = ModelFile.load(device, file)) {
                assertSteps(
                        "bert",
                        Bert.STEPS,
                        again.predict(
                                        Column.tokens(Bert.IDS, rows("bert", Bert.IDS)),
                                        Column.tokens(Bert.TYPE_IDS, rows("bert", Bert.TYPE_IDS)))
                                .get(Bert.STEPS));
            }
        }
    }

    private static float[] encoder(ParameterStore parameters) {
        float[] all = new float[0];
        for (Parameter parameter : parameters.list()) {
            if (parameter.name().startsWith("encoder")) {
                float[] values = parameter.value().toFloats();
                int from = all.length;
                all = Arrays.copyOf(all, from + values.length);
                System.arraycopy(values, 0, all, from, values.length);
            }
        }
        return all;
    }

    /** Whether the first of two pieces comes before the second, which is a matter of order. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void trainsUnderABidirectionalLstm(boolean frozen) {
        int[][] texts = new int[40][];
        float[] first = new float[texts.length];
        for (int i = 0; i < texts.length; i++) {
            boolean before = i % 2 == 0;
            texts[i] = new int[] {2, 10 + i % 7, before ? 20 : 30, 40 + i % 5, before ? 30 : 20, 3};
            first[i] = before ? 1 : -1;
        }
        Dataset data = Dataset.of(Column.tokens("input", texts)).withTarget(Column.numbers("y", first));
        try (Device device = Devices.cpu();
                Model model =
                        under(device, Bert.read(family("bert")), Lstm.of(8).bidirectional(), Linear.of(1))) {
            if (frozen) {
                model.parameters().freeze("encoder");
            }
            float[] before = encoder(model.parameters());
            List<Double> losses =
                    Trainer.of(model)
                            .loss(Loss.mse())
                            .optimizer(Adam.of(0.01f))
                            .fit(Batches.of(data, 8), 20)
                            .epochs()
                            .stream()
                            .map(epoch -> epoch.trainingLoss())
                            .toList();
            assertThat(losses.get(19)).isLessThan(0.1 * losses.get(0));
            if (frozen) {
                assertThat(encoder(model.parameters())).containsExactly(before);
            } else {
                assertThat(encoder(model.parameters())).isNotEqualTo(before);
            }
        }
    }

    @Test
    void isAKindOfModel() {
        Path bert = family("bert");
        assertThat(ModelFormats.of(bert).title()).isEqualTo("an encoder of the BERT family");
        assertThat(ModelFormats.of(bert).describe(bert)).contains("TransformerEncoder", "input_ids");
        assertThatThrownBy(() -> ModelFormats.of(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder + ": is a folder, and no model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "electra"})
    void keepsItsConfiguration(String family) {
        BertConfig config = Bert.read(family(family)).config();
        assertThat(BertConfig.of(JsonFields.of("kept", config.toJson()))).isEqualTo(config);
    }

    private Bert changed(UnaryOperator<String> config) throws IOException {
        for (String name : List.of(Bert.CONFIG, "model.safetensors")) {
            Files.copy(family("electra").resolve(name), folder.resolve(name));
        }
        Path file = folder.resolve(Bert.CONFIG);
        Files.writeString(file, config.apply(Files.readString(file)));
        return Bert.read(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"electra\" | \"t5\" | config.json: model_type: expected bert, distilbert or electra, got 't5'",
                "\"gelu\" | \"quick_gelu\" | hidden_act: expected one of [gelu, gelu_new, gelu_pytorch_tanh, relu, silu, swish, tanh], got 'quick_gelu'",
                "\"absolute\" | \"relative_key\" | position_embedding_type: expected absolute, got \"relative_key\"",
                "\"num_attention_heads\": 4 | \"num_attention_heads\": 3 | num_attention_heads: expected a divisor of 16",
                "\"hidden_size\" | \"size\" | hidden_size: is missing",
                "\"vocab_size\": 60 | \"vocab_size\": 61 | embeddings.word_embeddings.weight: expected [61, 8], as config.json says, got [60, 8]",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | encoder.layer.2.",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 1001 | num_hidden_layers: expected a whole number of 1 to 1000",
                "\"absolute\" | [1, 2] | position_embedding_type: expected absolute, got [1,2]",
                "\"gelu\" | null | hidden_act: expected a text, got null",
            })
    void namesWhatDoesNotFit(String find, String put, String message) {
        try (Device device = Devices.cpu()) {
            assertThatThrownBy(() -> {
                        changed(json -> json.replace(find, put));
                        Bert.load(device, folder).close();
                    })
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void whatIsNullIsAsIfItWereLeftOut() throws IOException {
        Bert bert = changed(json -> json.replace("\"absolute\"", "null"));
        assertThat(bert.config()).isEqualTo(Bert.read(family("electra")).config());
    }

    @Test
    void namesFilesThatAreMissing() throws IOException {
        assertThatThrownBy(() -> Bert.read(folder))
                .hasMessage(folder + ": expected a folder with config.json, found none");
        Files.copy(family("bert").resolve(Bert.CONFIG), folder.resolve(Bert.CONFIG));
        assertThatThrownBy(() -> Bert.read(folder).network())
                .hasMessage(
                        folder
                                + ": expected one of [model.safetensors, model.safetensors.index.json, pytorch_model.bin], found none");
    }

    @Test
    void refusesWeightsForOtherNetworks() {
        Bert bert = Bert.read(family("bert"));
        try (Device device = Devices.cpu();
                Model other = ForeignFiles.network(Form.rows(2), Linear.of(2))
                        .on(device)
                        .build()) {
            assertThatThrownBy(() -> bert.writeWeights(other.parameters()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("expected a network with the layers of an encoder");
        }
    }

    @Test
    void knowsNoMorePiecesThanItsVectors() {
        BertConfig config = Bert.read(family("bert")).config();
        config.requireRoomFor("vocab.txt", 60);
        assertThatThrownBy(() -> config.requireRoomFor("vocab.txt", 61))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("vocab.txt: expected at most 60 pieces in the vocabulary, as config.json says, got 61");
    }
}
