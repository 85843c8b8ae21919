package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.data.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TagCommandTest {
    @TempDir
    private Path folder;

    /** The first sentences of names that travel with the program. */
    private static String sentences(int count) throws IOException {
        try (InputStream stream = Dataset.class.getResourceAsStream("names.conll")) {
            String all = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(all.split("\n\n")).limit(count).collect(Collectors.joining("\n\n"));
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text + "\n");
    }

    private CommandLineRun train(Path data, String... more) {
        List<String> all = new ArrayList<>(List.of("train", "tag", "--data", data.toString()));
        all.addAll(List.of("--out", folder.resolve("run").toString()));
        all.addAll(List.of("--hidden", "8", "--words", "6", "--characters", "5", "--epochs", "2"));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private CommandLineRun predict(Path data) {
        return CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
    }

    @Test
    void tellsFiguresOfSpansAndAnswersInColumns() throws IOException {
        CommandLineRun result = train(file("names.conll", sentences(60)), "--min-count", "1");
        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        JsonObject test = metrics.getAsJsonObject("test");
        for (String figure : List.of("f1", "precision", "recall", "accuracy")) {
            assertThat(test.get(figure).getAsDouble()).as(figure).isBetween(0.0, 1.0);
        }
        assertThat(test.get("rows").getAsInt()).isEqualTo(12);
        assertThat(test.getAsJsonObject("kinds").keySet()).containsExactly("DATE", "LOC", "PER");
        assertThat(metrics.getAsJsonObject("baselines").keySet()).containsExactly("frequent-tag");
        assertThat(result.out()).contains("test part: 12 sentences", "7 tags of BIO", "frequent-tag");
        assertThat(result.err()).containsPattern("validation loss [0-9.]+, span-f1 [0-9.]+, accuracy [0-9.]+");

        CommandLineRun known = predict(file("known.conll", "Ann\tB-PER\nleft\tO\n\n\"\tO\n"));
        assertThat(known.exitCode()).as(known.err()).isZero();
        assertThat(known.out())
                .matches("Ann\tB-PER\t(O|B-[A-Z]+)\nleft\tO\t(O|[BI]-[A-Z]+)\n\n\"\tO\t(O|B-[A-Z]+)\n\n");
        CommandLineRun unknown = predict(file("unknown.conll", "Ann\nleft\n\n\"\n"));
        assertThat(unknown.out()).isEqualTo(known.out().replaceAll("(?m)^(.+)\t.+\t(.+)$", "$1\t$2"));
    }

    @Test
    void answersAsJsonToo() throws IOException {
        CommandLineRun result = train(file("names.conll", sentences(60)), "--min-count", "1");
        assertThat(result.exitCode()).as(result.err()).isZero();
        Path asked = file("asked.conll", "Ann\nleft\n\nRome\n");
        CommandLineRun json =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", asked.toString(), "--json");
        assertThat(json.exitCode()).as(json.err()).isZero();
        List<String> lines = json.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("{\"row\":1,\"text\":\"Ann left\",\"spans\":[");
        assertThat(lines.get(1)).startsWith("{\"row\":2,\"text\":\"Rome\",\"spans\":[");
        CommandLineRun both = CommandLineRun.of(
                "predict", folder.resolve("run").toString(), "--data", asked.toString(), "--json", "--walk-forward");
        assertThat(both.complaint()).contains("--json: expected no --n-best or --walk-forward beside it");
        assertThat(both.exitCode()).isEqualTo(2);
    }

    /** A tag that no training row has is learnt as none and counts as one that was answered wrongly. */
    @Test
    void kindsThatOnlyTheTestPartHasCountAsWrong() throws IOException {
        Path test = file("test.conll", "Mars\tB-PLANET\nshone\tO\n\nAnn\tB-PER\n");
        CommandLineRun result = train(file("names.conll", sentences(60)), "--test", test.toString());
        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject kinds = CommandLineRun.json(folder.resolve("run/metrics.json"))
                .getAsJsonObject("test")
                .getAsJsonObject("kinds");
        assertThat(kinds.getAsJsonObject("PLANET").get("recall").getAsDouble()).isZero();
        assertThat(result.out())
                .contains(
                        "\n1 of the words to test have a tag that no row to train on has, and count as answered wrongly");
    }

    @Test
    void plainTagsAreMeasuredByWords() throws IOException {
        String plain = sentences(40).replaceAll("\t[BI]-", "\t");
        CommandLineRun result = train(file("plain.conll", plain), "--no-crf", "--word-dropout", "0");
        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject test =
                CommandLineRun.json(folder.resolve("run/metrics.json")).getAsJsonObject("test");
        assertThat(test.keySet()).containsExactly("accuracy", "rows");
        assertThat(result.out()).contains("4 tags").doesNotContain("BIO", "random field");
    }

    @Test
    void readsOtherCharacterSets() throws IOException {
        String text = sentences(40).replace("Rome", "M\u00fcnchen");
        Path data = Files.write(folder.resolve("names.conll"), text.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(train(data).complaint()).contains("expected UTF-8");
        CommandLineRun result = train(data, "--charset", "iso-8859-1");
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    @Test
    void wrongFilesAreNamedWithTheirLine() throws IOException {
        Path wrong = file("wrong.conll", "Rome\tB-LOC\n\n" + sentences(20) + "\n\nso\tO\nAnn\tI-PER");
        assertThat(train(wrong, "--validation", "0", "--train-rows", "22", "--test", wrong.toString())
                        .complaint())
                .contains(wrong.toString())
                .endsWith("column 'tags': word 2, 'Ann': expected a tag that may follow O in BIO, got 'I-PER'");
        Path alone = file("alone.conll", "Ann\nleft\n\n".repeat(9));
        assertThat(train(alone).complaint())
                .isEqualTo("gatefold: " + alone + ": there is no column 'tags'; its columns are tokens");
        Path one = file("one.conll", "Ann\tO\nleft\tO\n\n".repeat(9));
        assertThat(train(one).complaint())
                .isEqualTo("gatefold: " + one
                        + ", column 'tags': expected at least 2 tags among the rows to train on, got [O]");
        Path plain = file("plain.conll", "Ann\tB-PER\n\nruns\tVB");
        assertThat(train(file("names.conll", sentences(40)), "--test", plain.toString())
                        .complaint())
                .isEqualTo("gatefold: " + plain
                        + ", line 3, column 'tags': expected tags of BIO, as the rows to train on have, got 'VB'");
        Path empty = file("empty.conll", "");
        assertThat(train(empty).complaint())
                .isEqualTo("gatefold: " + empty + ": expected at least one sentence, found none");
    }
}
