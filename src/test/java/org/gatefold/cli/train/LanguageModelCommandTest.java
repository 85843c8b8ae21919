package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.contract.Subject;
import org.gatefold.op.recurrent.RecurrentOp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelCommandTest {
    private static final String[] NAMES = {"Ann", "Tom", "Eve", "Ben", "Mia"};
    private static final String[] WORDS = {"sings", "sleeps", "reads", "runs", "cooks", "waits", "looks"};

    @TempDir
    private Path folder;

    /** Who does something does it again at the end of the line. */
    private static String lines(int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            String name = NAMES[i * i % 5];
            String word = WORDS[i * 3 % 7];
            text.append(name + " often " + word + " , and now " + name + " " + word + " .\n");
        }
        return text.toString();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private CommandLineRun train(String run, Path data, String... more) {
        List<String> all = new ArrayList<>(List.of("train", "language-model", "--data", data.toString()));
        all.addAll(List.of("--out", folder.resolve(run).toString(), "--hidden", "16", "--batch", "4"));
        all.addAll(List.of(more));
        all.addAll(all.contains("--bptt") ? List.of() : List.of("--bptt", "10"));
        all.addAll(all.contains("--epochs") ? List.of() : List.of("--epochs", "3"));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private CommandLineRun generate(String run, String... more) {
        List<String> all =
                new ArrayList<>(List.of("generate", folder.resolve(run).toString()));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private CommandLineRun predict(Path data) {
        return CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
    }

    private JsonObject metrics(String run) throws IOException {
        return CommandLineRun.json(folder.resolve(run).resolve("metrics.json"));
    }

    @Test
    void tellsNatsBitsAndPerplexityBesideBaselines() throws IOException {
        Path test = file("test.txt", lines(100, 120));
        CommandLineRun result = train("run", file("train.txt", lines(0, 100)), "--test", test.toString(), "--tied");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).contains("test part: 20 lines", "vocabulary of 17 tokens", "kneser-ney-bigram");
        assertThat(result.err()).containsPattern("validation loss [0-9.]+");
        JsonObject metrics = metrics("run");
        JsonObject ours = metrics.getAsJsonObject("test");
        double nats = ours.get("nats").getAsDouble();
        assertThat(ours.get("perplexity").getAsDouble()).isCloseTo(Math.exp(nats), within(1e-9));
        assertThat(ours.get("tokens").getAsInt()).isEqualTo(20 * 10);
        assertThat(ours.get("characters").getAsInt())
                .isEqualTo(Files.readString(test).length());
        assertThat(ours.get("bits-per-character").getAsDouble())
                .isCloseTo(nats * 200 / Math.log(2) / Files.readString(test).length(), within(1e-9));
        assertThat(metrics.getAsJsonObject("baselines").keySet()).containsExactly("unigram", "kneser-ney-bigram");

        List<String> answers = predict(test).out().lines().toList();
        assertThat(answers).hasSize(22);
        assertThat(answers.get(0)).isEqualTo("line,nats,tokens,perplexity");
        assertThat(answers.get(1)).matches("1,[0-9.]+,10,[0-9.]+");
        String[] total = answers.get(21).split(",", -1);
        assertThat(total[0]).isEqualTo("total");
        assertThat(Double.parseDouble(total[1])).isCloseTo(nats * 200, within(1e-3));
    }

    @Test
    void goesOnWithATextAsItsSeedSays() throws IOException {
        Path data = file("train.txt", lines(0, 120));
        assertThat(train("run", data, "--epochs", "30", "--lr", "0.02").exitCode())
                .isZero();
        CommandLineRun first = generate("run", "--prompt", "Ann often", "--length", "30");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.err()).isEmpty();
        assertThat(first.out()).startsWith("Ann often ").doesNotContain("<unk>", "<eos>", "  ");
        assertThat(first.out().split("\\s+")).hasSizeLessThanOrEqualTo(32);
        assertThat(generate("run", "--prompt", "Ann often", "--length", "30").out())
                .isEqualTo(first.out());
        assertThat(generate("run", "--prompt", "Ann often", "--length", "30", "--seed", "2")
                        .out())
                .isNotEqualTo(first.out());
        String likeliest =
                generate("run", "--length", "40", "--temperature", "0").out();
        assertThat(generate("run", "--length", "40", "--top-k", "1", "--seed", "7")
                        .out())
                .isEqualTo(likeliest);
        assertThat(generate("run", "--length", "40", "--top-p", "1e-6").out()).isEqualTo(likeliest);
        assertThat(likeliest.lines().findFirst().orElseThrow())
                .matches("[A-Z][a-z]+ often [a-z]+ , and now [A-Z][a-z]+ [a-z]+ [.]");

        CommandLineRun unknown = generate("run", "--prompt", "Zoe often\nyawns Ann", "--length", "3");
        assertThat(unknown.exitCode()).isZero();
        assertThat(unknown.err().strip()).isEqualTo("the model does not know 2 of the tokens of the prompt: Zoe yawns");
        assertThat(unknown.out()).startsWith("Zoe often\nyawns Ann");
    }

    @Test
    void readsCharactersAndSubwords() throws IOException {
        Path data = file("train.txt", lines(0, 60));
        for (String tokens : List.of("characters", "subwords")) {
            CommandLineRun result = train(tokens, data, "--tokens", tokens, "--epochs", "1");
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.out()).containsPattern("vocabulary of [0-9]+ " + tokens);
            CommandLineRun text = generate(tokens, "--prompt", "Ann o", "--length", "5");
            assertThat(text.exitCode()).as(text.err()).isZero();
            assertThat(text.out()).startsWith("Ann o").doesNotContain("<eos>", "<unk>");
        }
        JsonObject test = metrics("characters").getAsJsonObject("test");
        assertThat(test.get("tokens")).isEqualTo(test.get("characters"));
        CommandLineRun accent = generate("characters", "--prompt", "\u00e9", "--length", "1");
        assertThat(accent.err().strip()).isEqualTo("the model does not know 1 of the tokens of the prompt: \u00e9");
    }

    /** Each word is there once, so that 20,000 and some are known. */
    @Test
    void largeVocabulariesTakeAnAdaptiveSoftmax() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < 24_000; word++) {
            text.append("w").append(word).append(word % 60 == 59 ? "\n" : " the ");
        }
        Path data = file("train.txt", text.toString());
        CommandLineRun result = train("run", data, "--min-count", "1", "--epochs", "1");
        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject test = metrics("run").getAsJsonObject("test");
        assertThat(test.get("nats").getAsDouble()).isBetween(1.0, 12.0);
        CommandLineRun info = CommandLineRun.of("info", folder.resolve("run").toString());
        assertThat(info.out()).contains("AdaptiveSoftmax");
        assertThat(generate("run", "--length", "5").exitCode()).isZero();
        assertThat(train("tied", data, "--min-count", "1", "--epochs", "1", "--tied")
                        .exitCode())
                .isZero();
    }

    /** With all kinds of dropout, and states carried from window to window. */
    @Test
    void theLossCurveOfACudaDeviceIsThatOfTheCpu() throws IOException {
        try (Subject subject = Subject.open("cuda:0", "cuda.steps", RecurrentOp.class)) {
            assertThat(subject.device().name()).isEqualTo("cuda:0");
        }
        Path data = file("train.txt", lines(0, 80));
        for (String device : List.of("cpu", "cuda:0")) {
            CommandLineRun result = train(
                    device.substring(0, 3), data, "--device", device, "--weight-dropout", "0.3", "--dropout", "0.2");
            assertThat(result.exitCode()).as(result.err()).isZero();
        }
        List<Double> expected = losses("cpu");
        List<Double> actual = losses("cud");
        assertThat(actual).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-4 * expected.get(i)));
        }
        assertThat(actual.get(4)).isLessThan(actual.get(0));
        double nats = metrics("cpu").getAsJsonObject("test").get("nats").getAsDouble();
        assertThat(metrics("cud").getAsJsonObject("test").get("nats").getAsDouble())
                .isCloseTo(nats, within(1e-4 * nats));
    }

    /** Of each epoch the loss and that of the lines held back. */
    private List<Double> losses(String run) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(run).resolve("history.csv"))) {
            if (!line.startsWith("epoch")) {
                losses.add(Double.valueOf(line.split(",", -1)[1]));
                losses.add(Double.valueOf(line.split(",", -1)[2]));
            }
        }
        return losses;
    }

    @Test
    void wrongFilesAndOptionsAreToldInOneLine() throws IOException {
        Path data = file("train.txt", lines(0, 40));
        byte[] damaged = lines(0, 40).getBytes(StandardCharsets.UTF_8);
        damaged[lines(0, 7).length()] = (byte) 0xff;
        Path wrong = Files.write(folder.resolve("wrong.txt"), damaged);
        assertThat(train("run", wrong).complaint())
                .startsWith("gatefold: " + wrong + ", line 8: expected UTF-8, got the byte 0xFF");
        Path empty = file("empty.txt", "");
        assertThat(train("run", empty).complaint())
                .isEqualTo("gatefold: " + empty + ": expected a text, got an empty file");
        Path blank = file("blank.txt", "\n".repeat(50));
        assertThat(train("run", blank).complaint()).contains("expected texts in the rows to train on, got none");
        assertThat(train("run", data, "--vocabulary", "2").complaint())
                .startsWith("gatefold: --vocabulary: expected at least 3");
        assertThat(train("run", data, "--bptt", "0").complaint())
                .startsWith("gatefold: --bptt: expected at least 1, got 0");

        assertThat(train("run", data, "--epochs", "1").exitCode()).isZero();
        assertThat(generate("run", "--temperature", "-1").complaint())
                .startsWith("gatefold: temperature: expected a finite number greater than 0, got -1.0");
        assertThat(generate("run", "--top-p", "0").complaint()).startsWith("gatefold: topP: expected 0 < p <= 1");
        assertThat(generate("run", "--length", "0").complaint()).startsWith("gatefold: length: expected at least 1");
        assertThat(generate("none").complaint()).contains("no such file or folder");
        assertThat(CommandLineRun.of(
                                "train",
                                "forecast",
                                "--data",
                                CommandLineRun.seasons(folder, 60).toString(),
                                "--column",
                                "value",
                                "--epochs",
                                "1",
                                "--out",
                                folder.resolve("other").toString())
                        .exitCode())
                .isZero();
        assertThat(generate("other").complaint())
                .isEqualTo("gatefold: " + folder.resolve("other").resolve("model.safetensors")
                        + ": expected a language model, got one of the recipe 'forecast'");
    }
}
