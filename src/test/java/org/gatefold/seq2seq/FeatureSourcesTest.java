package org.gatefold.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.decode.Hypothesis;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.MaxPool1d;
import org.gatefold.model.Model;
import org.gatefold.model.ModelInputs;
import org.gatefold.model.ModuleDescription;
import org.gatefold.seq2seq.EncoderDecoder.Attention;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encoders and decoders that read features, behind layers that leave out steps. */
class FeatureSourcesTest {
    private static final int SYMBOLS = 4;
    private static final int FEATURES = 3;
    private static final int EDGE = 0;

    /** Steps that a symbol is heard for. */
    private static final int HEARD = 4;

    @TempDir
    Path folder;

    /** Symbols from 1 on, each heard for some steps. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Heard(Column source, int[][] targets) {
        static Heard random(int count, int longest, long seed) {
            Random random = new Random(seed);
            float[][][] sounds = new float[count][][];
            int[][] targets = new int[count][];
            for (int row = 0; row < count; row++) {
                targets[row] = random.ints(1 + row % longest, 1, SYMBOLS).toArray();
                // Of some rows the last symbol is heard for less, so that pooling meets rests.
                sounds[row] = new float[targets[row].length * HEARD - row % 2][FEATURES];
                for (int step = 0; step < sounds[row].length; step++) {
                    for (int i = 0; i < FEATURES; i++) {
                        boolean said = targets[row][step / HEARD] == i + 1;
                        sounds[row][step][i] = (said ? 1 : 0) + 0.2f * (float) random.nextGaussian();
                    }
                }
            }
            return new Heard(Column.sequences(EncoderDecoder.SOURCE, sounds), targets);
        }

        Dataset data() {
            return Dataset.of(source, TeacherForcing.previous(targets, EDGE))
                    .withTarget(TeacherForcing.next(targets, EDGE));
        }
    }

    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    private static EncoderDecoder.Builder network(Layer... below) {
        return EncoderDecoder.ofFeatures(FEATURES, SYMBOLS)
                .symbols(EDGE, EDGE)
                .below(List.of(below))
                .embedding(5)
                .units(6, 12)
                .bidirectional()
                .attention(Attention.GENERAL);
    }

    private static EncoderDecoder.Builder pooled() {
        return network(
                Conv1d.of(6, 3).same(),
                BatchNorm.create(),
                ActivationLayer.relu(),
                MaxPool1d.of(2).padding(0, 1));
    }

    @ParameterizedTest
    @CsvSource({"cpu,cpu.native", "cuda:0,cuda"})
    void devicesFollowTheReference(String name, String implementation) {
        SmallTraining.assertFollowsReference(
                name,
                implementation,
                pooled().inputFeeding().dropout(0.1f),
                Heard.random(12, 3, 1).data());
    }

    @Test
    void learnsToWriteWhatIsHeardAndComesBack() throws Exception {
        Heard unseen = Heard.random(40, 3, 2);
        try (Device device = Devices.cpu();
                Model model = pooled().network().on(device).seed(5).build()) {
            SmallTraining.trainer(model)
                    .fit(Batches.of(Heard.random(200, 3, 1).data(), 12).shuffled(2), 25);
            List<int[]> written = written(model, unseen);
            int right = 0;
            for (int row = 0; row < written.size(); row++) {
                right += Arrays.equals(written.get(row), unseen.targets()[row]) ? 1 : 0;
            }
            assertThat(right).isGreaterThanOrEqualTo(38);
            Path file = folder.resolve("model");
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.network().description())
                        .isEqualTo(model.network().description());
                assertThat(written(loaded, unseen)).containsExactlyElementsOf(written);
            }
        }
    }

    private static List<int[]> written(Model model, Heard heard) {
        try (Translator translator = Translator.of(model)) {
            return translator
                    .translate(
                            heard.source().named("whatever"),
                            translator.search(2).meanLogProbability())
                    .stream()
                    .map(found -> found.get(0).tokens())
                    .toList();
        }
    }

    /** What a search finds, step by step and beside other rows, has the probability that a pass over all steps gives. */
    @Test
    void searchesGoOnAsTheWholePassDoes() {
        Heard heard = Heard.random(5, 3, 7);
        try (Device device = Devices.cpu();
                Model model =
                        pooled().inputFeeding().network().on(device).seed(5).build();
                Translator translator = Translator.of(model)) {
            List<List<Hypothesis>> found =
                    translator.translate(heard.source(), translator.search(3).maxLength(4));
            for (int row = 0; row < found.size(); row++) {
                int[][] said = {found.get(row).get(0).tokens()};
                Dataset alone = Dataset.of(heard.source().select(row), TeacherForcing.previous(said, EDGE));
                float[][] logits = model.predict(alone).get(Model.OUTPUT).sequences()[0];
                double sum = 0;
                for (int t = 0; t < logits.length; t++) {
                    double all = 0;
                    for (float logit : logits[t]) {
                        all += Math.exp(logit);
                    }
                    sum += logits[t][t < said[0].length ? said[0][t] : EDGE] - Math.log(all);
                }
                assertThat(found.get(row).get(0).score()).isCloseTo(sum, within(1e-4));
            }
        }
    }

    @Test
    void attentionIsToTheStepsThatAreLeft() {
        Heard heard = Heard.random(4, 3, 7);
        try (Device device = Devices.cpu();
                Model model = pooled().network().on(device).seed(5).build();
                Translator translator = Translator.of(model)) {
            float[][][] weights = translator.attention(heard.source(), heard.targets());
            for (int row = 0; row < weights.length; row++) {
                assertThat(weights[row])
                        .hasDimensions(
                                heard.targets()[row].length + 1, (heard.source().steps(row) + 1) / 2);
                for (float[] step : weights[row]) {
                    double sum = 0;
                    for (float weight : step) {
                        sum += weight;
                    }
                    assertThat(sum).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void theFootprintIsNotPassed(int members) {
        Heard heard = new Heard(Column.sequences(EncoderDecoder.SOURCE, new float[5][8][FEATURES]), new int[5][7]);
        try (Device device = Devices.cpu();
                Model model = pooled().members(members).network().on(device).build();
                Context context = Context.training(device, 1)) {
            long inputs = 0;
            for (int step = 0; step < 3; step++) {
                context.begin(step);
                DeviceBatch uploaded = heard.data().batch().upload(context.scope());
                inputs = context.scope().bytesInUse();
                Map<String, Variable> outputs = model.forward(context, ModelInputs.of(model, uploaded));
                outputs.get("output").gradient().fill(1f);
                context.tape().backward();
            }
            long said = model.footprint(5, 8).step();
            long used = context.scope().peakBytes() - inputs;
            assertThat(used).isBetween(said * 2 / 3, said);
        }
    }

    @Test
    void membersHaveLayersOfTheirOwn() {
        ModuleDescription one = (ModuleDescription) pooled().network().description();
        List<String> names = new ArrayList<>();
        EncoderDecoder.joined(one, 2)
                .layers()
                .forEach(layer -> names.add(layer.layer().name()));
        assertThat(names).contains("member1-source-1-conv1d", "member2-source-4-maxpool1d", "member2-encoder");
    }

    @Test
    void sourcesOfAnotherFormAreRefused() {
        try (Device device = Devices.cpu();
                Model model = network().network().on(device).seed(5).build();
                Translator translator = Translator.of(model)) {
            assertThatThrownBy(() -> translator.translate(new int[][] {{1}}, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("input 'source': expected ");
            assertThatThrownBy(() -> translator.attention(
                            Column.sequences("heard", new float[1][2][FEATURES + 1]), new int[][] {{1}}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("input 'source': expected ");
        }
        assertThatThrownBy(() -> network().shared().network())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shared: expected a source of ids, got one of features");
        assertThatThrownBy(() -> EncoderDecoder.ofFeatures(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("features");
    }
}
