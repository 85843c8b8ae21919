package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.Answerer;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.recipe.field.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in memory is answered as {@code predict} answers it in files. */
class AnswererTest {
    @TempDir
    private Path folder;

    /** The class and its probability, of each row that predict answers. */
    private List<String> predicted(Path data) {
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        return answers.out()
                .lines()
                .skip(1)
                .map(line -> line.split(",")[1] + " " + line.split(",")[2])
                .toList();
    }

    private static List<String> labels(Answerer answerer, List<Answer> answers) {
        return answers.stream()
                .map(Answer.Label.class::cast)
                .map(answer -> {
                    double[] all = answer.probabilities();
                    double most = Arrays.stream(all).max().orElseThrow();
                    assertThat(all[answerer.classes().indexOf(answer.name())]).isEqualTo(most);
                    return answer.name() + String.format(Locale.ROOT, " %.6f", most);
                })
                .toList();
    }

    private static List<NamedBytes> files(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            List<NamedBytes> files = new ArrayList<>();
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.add(new NamedBytes("row with id = " + file.getFileName(), Files.readAllBytes(file)));
            }
            return files;
        }
    }

    @Test
    void texts() throws IOException {
        List<String> texts = new ArrayList<>();
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 40; i++) {
            texts.add((i % 2 == 0 ? "a good day number " : "such bad weather on day ") + i);
            csv.append(texts.get(i)).append(i % 2 == 0 ? ",kind\n" : ",unkind\n");
        }
        Path data = Files.writeString(folder.resolve("texts.csv"), csv);
        Path file = trained("classify", data, "--hidden", "4", "--epochs", "1");
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            Answerer answerer = model.answerer();
            assertThat(answerer.classes()).containsExactly("kind", "unkind");
            assertThat(labels(answerer, answerer.texts(texts))).isEqualTo(predicted(data));
            assertThatThrownBy(() -> answerer.contents(List.of()))
                    .hasMessage("expected a model that reads contents of files, got one that reads [text]");
        }
    }

    @Test
    void recordings() throws IOException {
        Path data = folder.resolve("sounds");
        for (int number = 0; number < 12; number++) {
            wave(data.resolve(number % 2 == 0 ? "low" : "high").resolve(number + ".wav"), number);
        }
        assertContentsAreAnswered("audio", data, "is a damaged WAV file: it has no data");
    }

    /** A low or a high tone, by a number that is even or odd. */
    private static void wave(Path file, int number) throws IOException {
        byte[] samples = new byte[600 + 40 * number];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (128 + 60 * Math.sin(i * (number % 2 == 0 ? 0.3 : 2.2)));
        }
        AudioFormat format = new AudioFormat(AudioFormat.Encoding.PCM_UNSIGNED, 4000, 8, 1, 1, 4000, false);
        Files.createDirectories(file.getParent());
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length),
                AudioFileFormat.Type.WAVE,
                file.toFile());
    }

    @Test
    void pictures() throws IOException {
        Path data = folder.resolve("pictures");
        for (int number = 0; number < 12; number++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            for (int i = 0; i < 64; i++) {
                image.getRaster().setSample(i % 8, i / 8, 0, (number % 2 == 0 ? i % 8 : i / 8) * 30 + number);
            }
            Path file = data.resolve(number % 2 == 0 ? "across" : "down").resolve(number + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        assertContentsAreAnswered("image", data, "is no sound image: expected an image in PNG, JPEG, GIF or BMP");
    }

    private void assertContentsAreAnswered(String recipe, Path data, String fault) throws IOException {
        Path file = trained(recipe, data, "--hidden", "4", "--epochs", "1");
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            Answerer answerer = model.answerer();
            assertThat(labels(answerer, answerer.contents(files(data)))).isEqualTo(predicted(data));
            byte[] damaged = "RIFF    WAVE    ".getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> answerer.contents(List.of(new NamedBytes("row with id = 3", damaged))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row with id = 3: " + fault);
            assertThatThrownBy(() -> answerer.texts(List.of()))
                    .hasMessage("expected a model that reads texts, got one that reads [" + recipe + "]");
        }
    }

    /** A model that was trained with some options. */
    private Path trained(String recipe, Path data, String... options) {
        String run = folder.resolve("run").toString();
        CommandLineRun result = CommandLineRun.of(
                Stream.concat(Stream.of("train", recipe, "--data", data.toString(), "--out", run), Stream.of(options))
                        .toArray(String[]::new));
        assertThat(result.exitCode()).as(result.err()).isZero();
        return Path.of(run).resolve(RunFolder.MODEL);
    }

    private List<String> predictedLines(String file, String content) throws IOException {
        Path asked = Files.writeString(folder.resolve(file), content);
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", asked.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        return answers.out().lines().toList();
    }

    /** Tasks of an executor share one. */
    private static void assertManyMayAsk(Answerer answerer, List<String> texts) {
        assertThat(IntStream.range(0, 8)
                        .parallel()
                        .mapToObj(asked -> answerer.texts(texts))
                        .distinct())
                .containsExactly(answerer.texts(texts));
    }

    @Test
    void tagsOfWords() throws IOException {
        StringBuilder conll = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            conll.append(i % 2 == 0 ? "Anna B-PER\nsees O\nRome B-LOC\n\n" : "in O\nOslo B-LOC\nsince O\nMay O\n\n");
        }
        Path file = trained(
                "tag", Files.writeString(folder.resolve("names.conll"), conll), "--hidden", "4", "--epochs", "1");
        List<String> predicted = predictedLines("asked.conll", "Anna\nsees\nOslo\n\nin\nRome\n");
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            Answerer answerer = model.answerer();
            assertThat(answerer.kind()).isEqualTo(Answer.Kind.TAGS);
            List<String> lines = new ArrayList<>();
            List<List<String>> words = List.of(List.of("Anna", "sees", "Oslo"), List.of("in", "Rome"));
            List<Answer> answers = answerer.texts(List.of("Anna sees  Oslo", " in\tRome\n"));
            for (int i = 0; i < answers.size(); i++) {
                List<String> tags = ((Answer.Tags) answers.get(i)).tags();
                assertThat(tags).hasSameSizeAs(words.get(i));
                for (int word = 0; word < tags.size(); word++) {
                    lines.add(words.get(i).get(word) + "\t" + tags.get(word));
                }
                lines.add("");
            }
            assertThat(lines.subList(0, lines.size() - 1)).isEqualTo(withoutEnd(predicted));
            assertManyMayAsk(answerer, List.of("Anna sees Oslo", "in Rome"));
            assertThatThrownBy(answerer::classes)
                    .hasMessage("expected a model that tells classes, got one that answers 'tags'");
        }
    }

    private static List<String> withoutEnd(List<String> lines) {
        int end = lines.size();
        while (lines.get(end - 1).isEmpty()) {
            end--;
        }
        return lines.subList(0, end);
    }

    /** Every text is as likely as in a file of its own, whatever stands beside it. */
    @Test
    void likelihoodsOfTexts() throws IOException {
        Path data = Files.writeString(
                folder.resolve("garden.txt"), "the rose is red .\nthe lily is white and tall .\na rose .\n".repeat(60));
        Path file = trained("language-model", data, "--hidden", "4", "--epochs", "1", "--tokens", "spaces");
        List<String> texts =
                List.of("the lily is red", "a", "the rose is white and red and tall", "a rose .\nthe lily .");
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            assertManyMayAsk(model.answerer(), texts);
            List<Answer> answers = model.answerer().texts(texts);
            for (int i = 0; i < texts.size(); i++) {
                List<String> lines = predictedLines("asked.txt", texts.get(i) + "\n");
                Answer.Likelihood answer = (Answer.Likelihood) answers.get(i);
                assertThat(String.format(
                                Locale.ROOT, "total,%.4f,%d,%.4f", answer.nats(), answer.tokens(), answer.perplexity()))
                        .isEqualTo(lines.get(lines.size() - 1));
            }
        }
    }

    @Test
    void textsForTexts() throws IOException {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            pairs.append("day ").append(i % 7).append("\ttag ").append(i % 7).append('\n');
        }
        Path file = trained(
                "translate",
                Files.writeString(folder.resolve("days.tsv"), pairs),
                "--hidden",
                "4",
                "--epochs",
                "1",
                "--tokens",
                "characters");
        List<String> texts = List.of("day 3", "day 10", "the day");
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            assertManyMayAsk(model.answerer(), texts);
            assertThat(model.answerer().texts(texts))
                    .isEqualTo(predictedLines("asked.tsv", String.join("\n", texts) + "\n").stream()
                            .map(Answer.Text::new)
                            .toList());
        }
    }

    @Test
    void textsOfRecordings() throws IOException {
        Path data = folder.resolve("calls");
        StringBuilder list = new StringBuilder("path,text\n");
        for (int number = 0; number < 12; number++) {
            wave(data.resolve(number + ".wav"), number);
            list.append(number).append(".wav,").append(number % 2 == 0 ? "low\n" : "high\n");
        }
        Path file = trained(
                "speech",
                Files.writeString(data.resolve("calls.csv"), list),
                "--hidden",
                "8",
                "--epochs",
                "60",
                "--batch",
                "2",
                "--lr",
                "0.03",
                "--units",
                "words");
        List<String> predicted = predictedLines("calls/asked.csv", list.toString()).stream()
                .skip(1)
                .map(line -> line.split(",", -1)[1])
                .toList();
        assertThat(predicted).anyMatch(text -> !text.isEmpty());
        List<NamedBytes> files = new ArrayList<>();
        for (int number = 0; number < 12; number++) {
            files.add(new NamedBytes(number + "", Files.readAllBytes(data.resolve(number + ".wav"))));
        }
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, file)) {
            assertThat(model.answerer().kind()).isEqualTo(Answer.Kind.TEXT);
            assertThat(model.answerer().contents(files))
                    .isEqualTo(predicted.stream().map(Answer.Text::new).toList());
        }
    }

    @Test
    void modelsOfOtherKindsAreRefused() throws IOException {
        Path run = folder.resolve("run");
        CommandLineRun result =
                CommandLineRun.of("train", "forecast", "--epochs", "1", "--hidden", "4", "--out", run.toString());
        assertThat(result.exitCode()).as(result.err()).isZero();
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            assertThatThrownBy(model::answerer)
                    .hasMessage(
                            "expected a model that tells classes, tags words, writes texts or tells how likely they are,"
                                    + " got one that answers 'value'");
        }
    }
}
