package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.exchange.ModelFile;
import org.gatefold.file.Safetensors;
import org.gatefold.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** First vectors of words from files: what they begin with, what is told of them, and what is wrong with them. */
class WordVectorsCommandTest {
    private static final String VECTORS = "Good 1 2 3\nbad -1 -2 -3\nsuperb 4 5 6\nawful 7 8 9\nnew_york 1 1 1\n";

    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Forty texts of two classes, of which "good" and "bad" tell; "superb" is once among the rows to train on. */
    private Path texts() throws IOException {
        StringBuilder text = new StringBuilder("text,label\nsuperb thing,1\nodd thing,0\n");
        for (int i = 0; i < 20; i++) {
            text.append("a good one number").append(i).append(",1\nthe bad one,0\n");
        }
        return file("texts.csv", text.toString());
    }

    private CommandLineRun train(String recipe, Path data, String... more) {
        List<String> all =
                new ArrayList<>(List.of("train", recipe, "--data", data.toString(), "--test", data.toString()));
        all.addAll(List.of("--out", folder.resolve("run").toString(), "--device", "reference"));
        all.addAll(List.of("--hidden", "3", "--epochs", "1"));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    /** The tokens that the model knows, which was trained on more rows than those of settings.json. */
    private List<String> tokens() {
        String state = ModelFile.metadata(folder.resolve("run/model.safetensors"))
                .values()
                .iterator()
                .next();
        JsonObject fields = JsonParser.parseString(state).getAsJsonObject().getAsJsonObject("fields");
        JsonObject input = fields.has("input")
                ? fields.getAsJsonObject("input")
                : fields.getAsJsonObject("inputs").getAsJsonObject("tokens");
        List<String> tokens = new ArrayList<>();
        input.getAsJsonArray("tokens").forEach(token -> tokens.add(token.getAsString()));
        return tokens;
    }

    private float[] vector(String token) throws IOException {
        List<String> tokens = tokens();
        try (Safetensors model = Safetensors.open(folder.resolve("run/model.safetensors"))) {
            float[] all = model.floats("embedding.w", Shape.of(tokens.size(), 3));
            int at = 3 * tokens.indexOf(token);
            return new float[] {all[at], all[at + 1], all[at + 2]};
        }
    }

    @Test
    void frozenVectorsAreThoseOfTheFileAndTravelWithTheModel() throws IOException {
        Path vectors = file("vectors.txt", VECTORS);
        CommandLineRun run = train("classify", texts(), "--vectors", vectors.toString(), "--freeze-vectors");
        assertThat(run.exitCode()).as(run.err()).isZero();
        // Twice or more in the rows to train on; once, with a vector; only in the file.
        assertThat(tokens()).startsWith("<unk>", "one").contains("good", "bad").endsWith("superb", "awful", "new_york");
        assertThat(tokens()).doesNotContain("odd", "number0");
        assertThat(vector("good")).containsExactly(1, 2, 3);
        assertThat(vector("awful")).containsExactly(7, 8, 9);
        assertThat(vector("one")).isNotEqualTo(new float[3]);
        assertThat(run.out()).contains("first vectors for 3 of the 2");
        Files.delete(vectors);
        CommandLineRun answers = CommandLineRun.of(
                "predict",
                folder.resolve("run").toString(),
                "--data",
                file("new.csv", "text\nan awful one\n").toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        assertThat(answers.out()).startsWith("row,label,probability,actual\n1,");
    }

    @Test
    void vectorsAreTrainedOnWhereTheyAreNotFrozen() throws IOException {
        CommandLineRun run = train(
                "classify", texts(), "--vectors", file("vectors.txt", VECTORS).toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(vector("good")).isNotEqualTo(new float[] {1, 2, 3});
        assertThat(vector("good")[2]).isBetween(2.5f, 3.5f);
    }

    @Test
    void theVocabularyHasRoomForTheTokensOfTheRowsFirst() throws IOException {
        CommandLineRun run = train(
                "classify", texts(), "--vectors", file("vectors.txt", VECTORS).toString(), "--vocabulary", "8");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(tokens()).hasSize(8).contains("superb").doesNotContain("awful", "new_york");
    }

    @Test
    void taggersReadThemInTheCaseThatTheFileHas() throws IOException {
        Path names = file("names.conll", "Good\tB-PER\nis\tO\n\nbad\tO\nit\tO\n\n".repeat(20));
        CommandLineRun run = train(
                "tag",
                names,
                "--vectors",
                file("vectors.txt", VECTORS).toString(),
                "--freeze-vectors",
                "--characters",
                "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(vector("good")).containsExactly(1, 2, 3);
        assertThat(vector("superb")).containsExactly(4, 5, 6);
        assertThat(run.out()).contains("first vectors for 2 of the 4 tokens in the rows to train on");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a 1 2/b 1||--vectors: {}, line 2: expected a word and 2 numbers, got 'b 1' (see: gatefold train classify --help)",
                "a 1 2|--embedding 3|--embedding: expected 2, as many as the vectors of {} have, got 3 (see: gatefold train"
                        + " classify --help)",
                "9999999999 2/a 1 2||--vectors: {}: expected 9999999999 words, as line 1 tells, got 1; the file is cut off (see:"
                        + " gatefold train classify --help)",
                "a||--vectors: {}, line 1: expected a word and its vector, or the numbers of words and of features, got 'a' (see:"
                        + " gatefold train classify --help)",
                "a 1|--tokens subwords|--vectors: expected --tokens words, spaces or characters, got subwords (see: gatefold"
                        + " train classify --help)",
            })
    void wrongVectorsAreUsageErrors(String text, String options, String complaint) throws IOException {
        Path vectors = file("wrong.txt", text.replace('/', '\n'));
        List<String> more = new ArrayList<>(List.of("--vectors", vectors.toString()));
        more.addAll(options == null ? List.of() : List.of(options.split(" ")));
        CommandLineRun run = train("classify", texts(), more.toArray(String[]::new));
        assertThat(run.complaint()).isEqualTo("gatefold: " + complaint.replace("{}", vectors.toString()));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("run/model.safetensors")).doesNotExist();
    }

    @Test
    void whatGoesWithVectorsIsAskedFor() throws IOException {
        CommandLineRun alone = train("classify", texts(), "--freeze-vectors");
        assertThat(alone.complaint())
                .isEqualTo("gatefold: --freeze-vectors: expected --vectors too, got none"
                        + " (see: gatefold train classify --help)");
        CommandLineRun absent =
                train("classify", texts(), "--vectors", folder.resolve("absent").toString());
        assertThat(absent.complaint())
                .isEqualTo("gatefold: cannot read " + folder.resolve("absent") + ": no such file");
        assertThat(absent.exitCode()).isEqualTo(1);
    }
}
