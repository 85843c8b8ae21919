package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.table.CsvTable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.FileException;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Network;
import org.gatefold.op.Philox;
import org.gatefold.recipe.field.OutputTarget;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.tensor.Form;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several members: each is a run with a seed of its own, and the model is their mean. */
class MembersTest {
    private static final long SEED = 3;
    private static final int ROWS = 60;
    private static final double ROUNDING = 1e-5;
    private static final Recipe CLASSIFY = Samples.recipe("classify");
    private static final Recipe TRANSLATE = Samples.recipe("translate");
    private static final TrainingListener QUIET = new TrainingListener() {};

    @TempDir
    private Path folder;

    private static Options options(Recipe recipe, int members, long seed) {
        Map<String, Object> chosen = new HashMap<>(Map.of("validation", 0.2, "seed", seed, "members", members));
        if (recipe.equals(CLASSIFY)) {
            chosen.put("min-count", 1);
        } else if (recipe.equals(TRANSLATE)) {
            chosen.putAll(Map.of("embedding", 4, "smoothing", 0.0));
        } else {
            chosen.putAll(Map.of("words", 3, "characters", 3));
        }
        return Samples.small(recipe, chosen);
    }

    private Path data(Recipe recipe) throws IOException {
        if (!recipe.equals(CLASSIFY)) {
            return Files.write(folder.resolve("sample"), Samples.lines(recipe));
        }
        List<String> lines = new ArrayList<>(List.of("text,label"));
        for (int row = 0; row < ROWS; row++) {
            lines.add((row % 2 == 0 ? "good " : "bad ") + row % 7 + (row % 3 == 0 ? ",pos" : ",neg"));
        }
        return Files.write(folder.resolve("data.csv"), lines);
    }

    private Path train(Recipe recipe, Options options, String out) throws IOException {
        Path run = folder.resolve(out);
        try (Experiment experiment = Experiment.begin(recipe, options, data(recipe), null, run);
                Device device = Devices.named("reference");
                Experiment.Training training = experiment.on(device)) {
            assertThat(training.run(QUIET).isInterrupted()).isFalse();
        }
        return run;
    }

    /** A run of each member by itself, by the seed that it has among them. */
    private List<Path> apart(Recipe recipe, int members, Map<String, String> more) throws IOException {
        List<Path> runs = new ArrayList<>();
        for (int member = 0; member < members; member++) {
            long seed = member == 0 ? SEED : Philox.derive(SEED, 0, member);
            runs.add(train(recipe, options(recipe, 1, seed).parsed(more), "alone" + member));
        }
        return runs;
    }

    private static JsonObject metrics(Path run) throws IOException {
        return JsonParser.parseString(Files.readString(run.resolve("metrics.json")))
                .getAsJsonObject();
    }

    private static float[][] outputs(Device device, Path run, Path data) throws IOException {
        try (TrainedModel trained = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            Rows rows = Rows.all(CsvTable.read(data));
            return OutputTarget.outputs(trained.model(), trained.fields(), rows);
        }
    }

    @Test
    void outputsAreTheMeanOfThoseOfRunsWithTheirSeeds() throws IOException {
        Map<String, String> alone = Map.of("beside", "none");
        Path run = train(CLASSIFY, options(CLASSIFY, 3, SEED).parsed(alone), "run");
        List<Path> apart = apart(CLASSIFY, 3, alone);
        Path data = data(CLASSIFY);
        try (Device device = Devices.named("reference")) {
            float[][] mean = outputs(device, run, data);
            List<float[][]> each = new ArrayList<>();
            for (Path path : apart) {
                each.add(outputs(device, path, data));
            }
            for (int row = 0; row < ROWS; row++) {
                for (int label = 0; label < 2; label++) {
                    double sum = 0;
                    for (float[][] outputs : each) {
                        sum += outputs[row][label];
                    }
                    assertThat((double) mean[row][label]).isCloseTo(sum / 3, within(ROUNDING));
                }
                assertThat(each.get(0)[row]).isNotEqualTo(each.get(1)[row]);
            }
        }
        JsonArray members = metrics(run).getAsJsonArray("members");
        assertThat(members).hasSize(3);
        for (int member = 0; member < 3; member++) {
            assertThat(members.get(member).getAsJsonObject().get("accuracy"))
                    .isEqualTo(
                            metrics(apart.get(member)).getAsJsonObject("test").get("accuracy"));
        }
        assertThat(metrics(apart.get(0)).has("members")).isFalse();
        assertThat(Files.readAllLines(run.resolve("history.csv")))
                .first()
                .asString()
                .startsWith("member,epoch,loss");
    }

    /** What is added to the logit of a word in no span is found for the mean, and not part of what is compared. */
    @Test
    void aConditionalRandomFieldHasTheMeanOfItsMembersTransitions() throws IOException {
        Recipe tag = Samples.recipe("tag");
        Path run = train(tag, options(tag, 2, SEED), "run");
        List<Path> apart = apart(tag, 2, Map.of());
        try (Device device = Devices.named("reference");
                TrainedModel mean = TrainedModel.load(device, run.resolve(RunFolder.MODEL));
                TrainedModel one = TrainedModel.load(device, apart.get(0).resolve(RunFolder.MODEL));
                TrainedModel other = TrainedModel.load(device, apart.get(1).resolve(RunFolder.MODEL))) {
            for (String name : List.of("crf.transitions", "crf.start", "crf.end")) {
                float[] wanted = values(one, name);
                float[] second = values(other, name);
                for (int i = 0; i < wanted.length; i++) {
                    wanted[i] = (wanted[i] + second[i]) / 2;
                }
                assertThat(values(mean, name)).containsExactly(wanted, within((float) ROUNDING));
            }
            assertThat(values(mean, "member2-lstm.0.reverse.wh")).containsExactly(values(other, "lstm.0.reverse.wh"));
        }
    }

    /** The encoders and decoders of runs with their seeds stand in one, which writes with the mean of their logits. */
    @Test
    void translationsAreWrittenByAllMembersTogether() throws IOException {
        Path run = train(TRANSLATE, options(TRANSLATE, 2, SEED), "run");
        List<Path> apart = apart(TRANSLATE, 2, Map.of());
        Path asked = Files.writeString(folder.resolve("asked.txt"), "The old king sees two small cats.\n");
        try (Device device = Devices.named("reference");
                TrainedModel mean = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            for (int member = 0; member < 2; member++) {
                int place = member;
                try (TrainedModel one =
                        TrainedModel.load(device, apart.get(member).resolve(RunFolder.MODEL))) {
                    one.model().parameters().list().forEach(parameter -> assertThat(
                                    values(mean, EncoderDecoder.ofMember(place, parameter.name())))
                            .containsExactly(parameter.value().toFloats()));
                }
            }
            assertThat(mean.model().module(EncoderDecoder.class).hasAttention()).isTrue();
            assertThat(mean.predict(asked, false)).endsWith("\n");
            assertThat(mean.pictures(asked)).hasSize(1);
        }
        assertThat(metrics(run).getAsJsonArray("members")).hasSize(2);
        for (int member = 0; member < 2; member++) {
            assertThat(metrics(run)
                            .getAsJsonArray("members")
                            .get(member)
                            .getAsJsonObject()
                            .get("chrf"))
                    .isEqualTo(
                            metrics(apart.get(member)).getAsJsonObject("test").get("chrf"));
        }
    }

    private static float[] values(TrainedModel trained, String name) {
        return trained.model().parameters().get(name).value().toFloats();
    }

    @Test
    void goesOnWhereAnyMemberWasStopped() throws IOException {
        Path whole = train(CLASSIFY, options(CLASSIFY, 2, SEED), "whole");
        for (int pass = 1; pass <= 4; pass++) {
            String out = "stopped" + pass;
            StoppedRun.stopAndGoOn(
                    CLASSIFY,
                    () -> Experiment.begin(
                            CLASSIFY, options(CLASSIFY, 2, SEED), data(CLASSIFY), null, folder.resolve(out)),
                    pass);
            assertThat(folder.resolve(out).resolve(RunFolder.MODEL))
                    .as("stopped in pass " + pass)
                    .hasSameBinaryContentAs(whole.resolve(RunFolder.MODEL));
            assertThat(metrics(folder.resolve(out)).get("members"))
                    .isEqualTo(metrics(whole).get("members"));
        }
    }

    @Test
    void foldsAreOfSeveralMembersToo() throws IOException {
        Path run = train(CLASSIFY, options(CLASSIFY, 2, SEED).given(Map.of("folds", 2)), "run");
        assertThat(metrics(run).getAsJsonObject("folds").get("count").getAsInt())
                .isEqualTo(2);
        assertThat(run.resolve("checkpoint-classify-fold-2-all-member-2")).isDirectory();
    }

    @Test
    void numbersThatAreNoneAreRefusedByFileAndField() throws IOException {
        Path run = folder.resolve("run");
        try (Experiment begun = Experiment.begin(CLASSIFY, options(CLASSIFY, 2, SEED), data(CLASSIFY), null, run)) {
            assertThat(begun.summary()).contains("mean of 2 networks: Embedding");
        }
        Path settings = run.resolve("settings.json");
        String sound = Files.readString(settings);
        for (String wrong : List.of("0", "101", "-1", "1.5", "\"two\"")) {
            Files.writeString(settings, sound.replace("\"members\": 2", "\"members\": " + wrong));
            assertThatThrownBy(() -> resume(run))
                    .as(wrong)
                    .isInstanceOf(FileException.class)
                    .hasMessageStartingWith(settings + ": ")
                    .hasMessageContaining("members");
        }
        // Runs from before there were members have one.
        Files.writeString(settings, sound.replace("\"members\": 2,", ""));
        assertThat(resume(run)).doesNotContain("mean of");
        Files.writeString(settings, sound);
        assertThat(resume(run)).contains("mean of 2 networks: Embedding");
    }

    private static String resume(Path run) throws IOException {
        try (Experiment resumed = Experiment.resume(CLASSIFY, RunFolder.open(run, "classify"))) {
            return resumed.summary();
        }
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // there is nothing to close where it is refused
    void moreThanAModelCanBeAreRefused() {
        Options large = options(CLASSIFY, 100, SEED).given(Map.of("hidden", 2000));
        assertThatThrownBy(() -> Experiment.begin(CLASSIFY, large, data(CLASSIFY), null, folder.resolve("large"))
                        .close())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--members 100: parameters: expected at most 2147483647 numbers");
        assertThat(folder.resolve("large")).doesNotExist();
    }

    @Test
    void onlyALinearLayerAtTheEndHasAMean() {
        Network network = Network.sequential(Form.rows(2))
                .add(Linear.of(3))
                .add(ActivationLayer.tanh())
                .build();
        assertThatThrownBy(() -> Ensemble.of(network, 1, 2, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with a linear layer at the end");
        ParameterStore.requireRoom(
                Ensemble.of(network, 2, 2, false).network().parameters().values());
        assertThat(Ensemble.of(network, 2, 2, false).network().parameters().keySet())
                .containsExactly("linear.w", "linear.b");
    }

    @Test
    void answersSideBySideAreRefused() {
        Network beside = Network.sequential(Form.rows(2)).add(Linear.of(6)).build();
        Network mean = Network.sequential(Form.rows(2)).add(Linear.of(3)).build();
        Ensemble.requireAnswers(mean, List.of(Linear.of(3)));
        assertThatThrownBy(() -> Ensemble.requireAnswers(beside, List.of(Linear.of(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("several members side by side");
    }
}
