package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.exchange.bert.BertTest;
import org.gatefold.file.Safetensors;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pretrained encoders below recurrent layers: trained, frozen, gone on with, and asked once their folder is gone. */
class EncoderCommandTest {
    private static final int EMBEDDED = 16;

    @TempDir
    private Path folder;

    private Path encoder;

    @BeforeEach
    void copyEncoder() throws IOException {
        encoder = Files.createDirectory(folder.resolve("encoder"));
        for (String name : List.of("config.json", "model.safetensors", "vocab.txt")) {
            Files.copy(BertTest.folder("bert").resolve(name), encoder.resolve(name));
        }
    }

    private Path data(String recipe) throws IOException {
        StringBuilder text = new StringBuilder(recipe.equals("tag") ? "" : "text,label\n");
        for (int i = 0; i < 12; i++) {
            text.append(
                    recipe.equals("tag")
                            ? "Ab B-PER\nabcabcdefghijkl I-PER\nc" + (char) ('a' + i) + " O\n\n"
                            : "abc " + (char) ('a' + i) + ",1\ncab,0\n");
        }
        return Files.writeString(folder.resolve("data"), text.toString());
    }

    private CommandLineRun train(String recipe, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of("train", recipe, "--encoder", encoder.toString()));
        all.addAll(List.of(
                "--data", data(recipe).toString(), "--test", data(recipe).toString()));
        all.addAll(List.of("--out", folder.resolve("run").toString(), "--device", "reference"));
        all.addAll(List.of("--hidden", "3", "--epochs", "2"));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private float[] words(Path file, String name) throws IOException {
        try (Safetensors model = Safetensors.open(file)) {
            return model.floats(name, Shape.of(60, EMBEDDED));
        }
    }

    @ParameterizedTest
    @CsvSource({"classify, true", "classify, false", "tag, true", "tag, false"})
    void trainsAndAnswersWithoutTheFolder(String recipe, boolean frozen) throws IOException {
        CommandLineRun run = train(recipe, frozen ? new String[] {"--freeze"} : new String[0]);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains((frozen ? "frozen" : "fine-tuned") + " encoder of 2 layers, 16 features and 60 pieces");
        float[] before = words(encoder.resolve("model.safetensors"), "embeddings.word_embeddings.weight");
        float[] after = words(folder.resolve("run/model.safetensors"), "encoder_words.w");
        assertThat(Arrays.equals(before, after)).isEqualTo(frozen);
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).isBetween(before[i] - 0.01f, before[i] + 0.01f);
        }
        try (Stream<Path> files = Files.list(encoder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Path asked = recipe.equals("tag")
                ? Files.writeString(folder.resolve("new"), "Ab\nzz\n\n")
                : Files.writeString(folder.resolve("new"), "text\nabc d\n");
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", asked.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        assertThat(answers.out().lines()).hasSizeGreaterThan(1);
    }

    @Test
    void aFolderThatHasChangedIsNamed() throws IOException {
        CommandLineRun run = train("classify");
        assertThat(run.exitCode()).as(run.err()).isZero();
        Files.delete(folder.resolve("run/model.safetensors"));
        Files.writeString(encoder.resolve("vocab.txt"), "\n", StandardOpenOption.APPEND);
        CommandLineRun resumed = CommandLineRun.of(
                "train", "classify", "--resume", "--out", folder.resolve("run").toString());
        assertThat(resumed.exitCode()).isNotZero();
        assertThat(resumed.err()).contains(encoder + ": has changed since the run began");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classify", "tag"})
    void whatDoesNotGoTogetherIsNamed(String recipe) throws IOException {
        CommandLineRun both = train(recipe, "--min-count", "1");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err()).contains("expected --encoder or --min-count, got both");
        CommandLineRun alone = CommandLineRun.of("train", recipe, "--freeze");
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).contains("--freeze: expected --encoder too, got none");
        Files.delete(encoder.resolve("config.json"));
        CommandLineRun none = train(recipe);
        assertThat(none.exitCode()).isNotZero();
        assertThat(none.err()).contains(encoder + ": expected a folder with config.json, found none");
    }
}
