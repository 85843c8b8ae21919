package org.gatefold.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.basic.Softmax;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches and draws on a language model find what the model says of whole sequences. */
class StreamDecoderTest {
    private static final int VOCABULARY = 4;
    private static final int END = 0;
    private static final int LONGEST = 3;

    /** What each source has read before. */
    private static final int[][] BEFORE = {{1, 2, 0}, {3, 3, 1}};

    private static Network network() {
        return Network.sequential(Form.tokens())
                .add(Embedding.of(VOCABULARY, 3))
                .add(Lstm.of(5).layers(2).returnSequences())
                .add(Gru.of(4).returnSequences())
                .add(Linear.of(VOCABULARY))
                .build();
    }

    /** Makes weights so large that what was read before counts. */
    private static Model enlarged(Model model) {
        model.parameters().list().forEach(parameter -> {
            float[] values = parameter.value().toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] = 4 * values[i] + 0.3f * (float) Math.sin(i);
            }
            parameter.set(values);
        });
        return model;
    }

    /** Log-probabilities of what follows each step of a sequence. */
    private static double[][] logProbabilities(Model model, List<Integer> read) {
        int[][] row = {read.stream().mapToInt(Integer::intValue).toArray()};
        float[][] logits = model.predict(Column.tokens(Model.INPUT, row))
                .values()
                .iterator()
                .next()
                .sequences()[0];
        return Arrays.stream(logits).map(StreamDecoderTest::logSoftmax).toArray(double[][]::new);
    }

    private static double[] logSoftmax(float... logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        double[] logarithms = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            logarithms[i] = logits[i] - Math.log(sum);
        }
        return logarithms;
    }

    /** All sequences that end, up to a length, each scored by one pass over the whole of it. */
    private static List<Hypothesis> all(Model model, int source) {
        List<Hypothesis> all = new ArrayList<>();
        extend(model, source, List.of(), all);
        all.sort(Comparator.comparingDouble(Hypothesis::logProbability).reversed());
        return all;
    }

    private static void extend(Model model, int source, List<Integer> written, List<Hypothesis> into) {
        List<Integer> read = new ArrayList<>();
        Arrays.stream(BEFORE[source]).forEach(read::add);
        read.addAll(written);
        double[][] next = logProbabilities(model, read);
        double sum = 0;
        for (int i = 0; i < written.size(); i++) {
            sum += next[BEFORE[source].length - 1 + i][written.get(i)];
        }
        sum += next[next.length - 1][END];
        into.add(new Hypothesis(written.stream().mapToInt(Integer::intValue).toArray(), true, sum, sum));
        for (int token = 0; token < VOCABULARY && written.size() < LONGEST; token++) {
            if (token != END) {
                List<Integer> longer = new ArrayList<>(written);
                longer.add(token);
                extend(model, source, longer, into);
            }
        }
    }

    private static void readBefore(StreamDecoder decoder) {
        for (int step = 0; step < BEFORE[0].length - 1; step++) {
            decoder.read(BEFORE[0][step], BEFORE[1][step]);
        }
    }

    private static int[] last() {
        return new int[] {BEFORE[0][BEFORE[0].length - 1], BEFORE[1][BEFORE[1].length - 1]};
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "cuda:0"})
    void aWideBeamFindsWhatAnExhaustiveSearchDoes(String name) {
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(3).build();
                StreamDecoder decoder = StreamDecoder.of(enlarged(model), 2)) {
            readBefore(decoder);
            List<List<Hypothesis>> found =
                    BeamSearch.of(40, END).best(8).maxLength(LONGEST).search(decoder, last());
            for (int source = 0; source < 2; source++) {
                List<Hypothesis> expected = all(model, source);
                assertThat(found.get(source)).hasSize(8);
                for (int i = 0; i < 8; i++) {
                    Hypothesis hypothesis = found.get(source).get(i);
                    assertThat(hypothesis.tokens())
                            .containsExactly(expected.get(i).tokens());
                    assertThat(hypothesis.logProbability())
                            .isCloseTo(expected.get(i).logProbability(), within(1e-5));
                }
            }
            assertThat(Math.abs(all(model, 0).get(0).logProbability()
                            - all(model, 1).get(0).logProbability()))
                    .as("what was read before counts")
                    .isGreaterThan(0.05);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void drawsFollowTheModel(String name) {
        try (Device device = Subject.openDevice(name);
                Model model = network().on(device).seed(3).build();
                StreamDecoder decoder = StreamDecoder.of(enlarged(model), 2)) {
            readBefore(decoder);
            List<Hypothesis> drawn = Sampling.of(5).generate(decoder, 20, BeamSearch.NO_END, last());
            for (int source = 0; source < 2; source++) {
                List<Integer> read = new ArrayList<>();
                Arrays.stream(BEFORE[source]).forEach(read::add);
                Arrays.stream(drawn.get(source).tokens()).forEach(read::add);
                double[][] next = logProbabilities(model, read);
                double sum = 0;
                for (int i = 0; i < 20; i++) {
                    sum += next[BEFORE[source].length - 1 + i][drawn.get(source).tokens()[i]];
                }
                assertThat(drawn.get(source).logProbability()).isCloseTo(sum, within(1e-4));
            }
        }
    }

    @Test
    void logarithmsOfProbabilitiesStayWhatTheyAre() {
        Network network = Network.sequential(Form.tokens())
                .add(Embedding.of(VOCABULARY, 3))
                .add(Lstm.of(5).returnSequences())
                .add(Linear.of(VOCABULARY))
                .build();
        Network logarithms = Network.sequential(Form.tokens())
                .add(Embedding.of(VOCABULARY, 3))
                .add(Lstm.of(5).returnSequences())
                .add(Linear.of(VOCABULARY))
                .add(Softmax.logarithms())
                .build();
        float[][] found = new float[2][VOCABULARY];
        try (Device device = Devices.named("cpu");
                Model one = network.on(device).seed(1).build();
                Model other = logarithms.on(device).seed(1).build();
                StreamDecoder ofLogits = StreamDecoder.of(one, 1);
                StreamDecoder ofLogarithms = StreamDecoder.of(other, 1)) {
            ofLogits.step(new int[1], new int[] {2}, found[0]);
            ofLogarithms.step(new int[1], new int[] {2}, found[1]);
        }
        double sum = 0;
        for (int token = 0; token < VOCABULARY; token++) {
            assertThat(found[1][token]).isCloseTo(found[0][token], within(1e-6f));
            sum += Math.exp(found[0][token]);
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }

    @Test
    void wrongRowsAreRefused() {
        try (Device device = Devices.named("reference");
                Model model = network().on(device).seed(3).build();
                StreamDecoder decoder = StreamDecoder.of(enlarged(model), 2)) {
            float[] next = new float[6 * VOCABULARY];
            assertThatThrownBy(() -> decoder.step(new int[4], new int[4], next))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tokens: expected one for each of 2 sources, got 4");
            decoder.step(new int[] {0, 1}, new int[2], next);
            assertThatThrownBy(() -> decoder.step(new int[3], new int[3], next))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tokens: expected as many rows for each of 2 sources, got 3");
            assertThatThrownBy(() -> decoder.step(new int[] {0, 2}, new int[2], next))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("from[1]: expected 0 to 1, got 2");
            assertThatThrownBy(() -> decoder.step(new int[] {0}, new int[2], next))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("from: expected 2 rows, as of tokens, got 1");
            decoder.step(new int[] {1, 1}, new int[2], next);
        }
    }
}
