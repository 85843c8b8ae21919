package org.gatefold.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.decode.BeamSearch;
import org.gatefold.decode.Hypothesis;
import org.gatefold.decode.Sampling;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.seq2seq.EncoderDecoder.Attention;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.Schedule;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What models write step by step, beside what they say of given targets. */
class TranslatorTest {
    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    /** The logarithm of the probability of a target and its end, by the pass over all its steps at once. */
    private static double logProbability(Model model, int[] source, int... target) {
        float[][] logits = model.predict(EncoderDecoder.pairs(new int[][] {source}, new int[][] {target}))
                .get("output")
                .sequences()[0];
        double sum = 0;
        for (int t = 0; t <= target.length; t++) {
            double total = 0;
            for (float logit : logits[t]) {
                total += Math.exp(logit);
            }
            sum += logits[t][t < target.length ? target[t] : EncoderDecoder.END] - Math.log(total);
        }
        return sum;
    }

    private static Model.Builder untrained(Device device, Attention attention) {
        return untrained(device, attention, 1);
    }

    private static Model.Builder untrained(Device device, Attention attention, int members) {
        return Reversals.model(attention).members(members).network().on(device).seed(5);
    }

    private static void sharpen(Model model) {
        model.parameters().list().forEach(parameter -> {
            float[] values = parameter.value().toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] = 2.5f * values[i] + 0.3f * (float) Math.sin(7 * i);
            }
            parameter.set(values);
        });
    }

    @ParameterizedTest
    @EnumSource(Attention.class)
    void stepsAreThoseOfThePassOverGivenTargets(Attention attention) {
        check("cpu", "cpu.native", attention, 1);
    }

    @ParameterizedTest
    @EnumSource(Attention.class)
    void stepsOfSeveralMembersAreThoseOfTheirPassToo(Attention attention) {
        check("cpu", "cpu.native", attention, 3);
    }

    @ParameterizedTest
    @CsvSource({"reference,reference,GENERAL,1", "cuda:0,cuda,GENERAL,1", "cuda:0,cuda,GENERAL,2", "cuda:0,cuda,DOT,1"})
    void onOtherDevicesToo(String name, String implementation, Attention attention, int members) {
        check(name, implementation, attention, members);
    }

    private static void check(String name, String implementation, Attention attention, int members) {
        int[][] sources = Reversals.random(4, 5, 3).sources;
        try (Subject subject = Subject.open(name, implementation, LinearOp.class);
                Model model = untrained(subject.device(), attention, members).build()) {
            sharpen(model);
            try (Translator translator = Translator.of(model)) {
                BeamSearch search = translator.search(3).best(3).maxLength(6).lengthPenalty(0.7f);
                List<List<Hypothesis>> together = translator.translate(sources, search);
                for (int row = 0; row < sources.length; row++) {
                    assertThat(together.get(row)).hasSizeBetween(1, 3);
                    List<Hypothesis> alone = translator
                            .translate(new int[][] {sources[row]}, search)
                            .get(0);
                    for (int i = 0; i < together.get(row).size(); i++) {
                        Hypothesis found = together.get(row).get(i);
                        assertThat(found.logProbability())
                                .isCloseTo(logProbability(model, sources[row], found.tokens()), within(2e-5));
                        int n = found.tokens().length + 1;
                        assertThat(found.score())
                                .isCloseTo(found.logProbability() / Math.pow((5 + n) / 6.0, 0.7), within(1e-6));
                        assertThat(alone.get(i).tokens()).isEqualTo(found.tokens());
                        assertThat(alone.get(i).score()).isCloseTo(found.score(), within(1e-5));
                    }
                }
            }
        }
    }

    @Test
    void writesBackwardsWhatItLearned() {
        Reversals learned = Reversals.random(600, 4, 1);
        Reversals unseen = Reversals.random(40, 4, 2);
        try (Device device = Devices.cpu();
                Model model = untrained(device, Attention.GENERAL).build();
                Translator translator = Translator.of(model)) {
            Trainer.of(model)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(0.02f))
                    .clipNorm(1f)
                    .schedule(Schedule.cosine(20, 0.05))
                    .fit(Batches.of(learned.data(), 20).shuffled(2), 20);
            int right = 0;
            int[][] written = translator.translate(unseen.sources, 4);
            int[][] greedy = translator.translate(unseen.sources, 1);
            for (int row = 0; row < written.length; row++) {
                right += Arrays.equals(written[row], unseen.targets[row]) ? 1 : 0;
                right += Arrays.equals(greedy[row], unseen.targets[row]) ? 1 : 0;
            }
            assertThat(right).isGreaterThan(76);

            float[][][] weights = translator.attention(unseen.sources, unseen.targets);
            for (int row = 0; row < weights.length; row++) {
                int length = unseen.targets[row].length;
                assertThat(weights[row]).hasDimensions(length + 1, length);
                for (int t = 0; t < length; t++) {
                    float sum = 0;
                    for (float weight : weights[row][t]) {
                        sum += weight;
                    }
                    assertThat(sum).isCloseTo(1f, within(1e-5f));
                }
            }
            Sampling sampling = Sampling.of(4).temperature(0.3f);
            List<Hypothesis> drawn = translator.sample(unseen.sources, sampling, 10);
            List<Hypothesis> again = translator.sample(unseen.sources, sampling, 10);
            int drawnRight = 0;
            for (int row = 0; row < drawn.size(); row++) {
                assertThat(again.get(row).tokens()).isEqualTo(drawn.get(row).tokens());
                drawnRight += Arrays.equals(drawn.get(row).tokens(), unseen.targets[row]) ? 1 : 0;
            }
            assertThat(drawnRight).isGreaterThan(30);
        }
    }

    @Test
    void whatSeveralMembersLookAtIsTheMean() {
        Reversals pairs = Reversals.random(4, 4, 2);
        try (Device device = Devices.cpu();
                Model both = untrained(device, Attention.GENERAL, 2).build();
                Model one = untrained(device, Attention.GENERAL).build();
                Translator translator = Translator.of(both);
                Translator alone = Translator.of(one)) {
            sharpen(both);
            float[][][] mean = translator.attention(pairs.sources, pairs.targets);
            float[][][][] each = new float[2][][][];
            for (int member = 0; member < 2; member++) {
                for (Parameter parameter : one.parameters().list()) {
                    parameter.set(both.parameters()
                            .get(EncoderDecoder.ofMember(member, parameter.name()))
                            .value()
                            .toFloats());
                }
                each[member] = alone.attention(pairs.sources, pairs.targets);
            }
            assertThat(each[0][3]).isNotEqualTo(each[1][3]);
            for (int row = 0; row < mean.length; row++) {
                for (int t = 0; t < mean[row].length; t++) {
                    for (int s = 0; s < mean[row][t].length; s++) {
                        assertThat(mean[row][t][s])
                                .isCloseTo((each[0][row][t][s] + each[1][row][t][s]) / 2, within(1e-6f));
                    }
                }
            }
        }
    }

    @Test
    void saysWhatItCannotDo() {
        try (Device device = Devices.cpu();
                Model other = Sequential.on(device).add(Linear.of(1)).build(2);
                Model blind = untrained(device, Attention.NONE).build();
                Translator translator = Translator.of(blind)) {
            assertThatThrownBy(() -> {
                        try (Translator none = Translator.of(other)) {
                            none.search(1);
                        }
                    })
                    .hasMessageContaining("model: expected one of org.gatefold.seq2seq.EncoderDecoder, got one of");
            assertThatThrownBy(() -> translator.translate(new int[][] {{3}, {4, 8}}, 1))
                    .hasMessage(
                            "column 'source': row 1, step 1: expected an id of 0 to 7, as layer 'source-embedding' has 8"
                                    + " rows, got 8");
            assertThatThrownBy(() -> blind.predict(EncoderDecoder.pairs(new int[][] {{3}}, new int[][] {{9}})))
                    .hasMessageContaining(
                            "column 'previous': row 0, step 1: expected an id of 0 to 7, as layer 'target-embedding'");
            assertThatThrownBy(() -> translator.attention(new int[][] {{3}}, new int[][] {{3}}))
                    .hasMessage("attention: this model has none");
        }
    }
}
