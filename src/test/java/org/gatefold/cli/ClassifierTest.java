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
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.NamedBytes;
import org.gatefold.recipe.Classifier;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.TrainedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in memory is answered as {@code predict} answers it in files. */
class ClassifierTest {
    @TempDir
    private Path folder;

    private Path trained(String recipe, Path data) {
        String run = folder.resolve("run").toString();
        CommandLineRun result = CommandLineRun.of(
                "train", recipe, "--data", data.toString(), "--hidden", "4", "--epochs", "1", "--out", run);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return Path.of(run);
    }

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

    private static List<String> words(Classifier classifier, double[]... answers) {
        return Arrays.stream(answers)
                .map(answer -> {
                    double most = Arrays.stream(answer).max().orElseThrow();
                    int best = Arrays.stream(answer).boxed().toList().indexOf(most);
                    return classifier.classes().get(best) + String.format(Locale.ROOT, " %.6f", most);
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
        Path run = trained("classify", data);
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            Classifier classifier = model.classifier();
            assertThat(classifier.classes()).containsExactly("kind", "unkind");
            assertThat(words(classifier, classifier.texts(texts))).isEqualTo(predicted(data));
            assertThatThrownBy(() -> classifier.contents(List.of()))
                    .hasMessage("expected a model that reads contents of files, got one that reads 'text'");
        }
    }

    @Test
    void recordings() throws IOException {
        Path data = folder.resolve("sounds");
        for (int number = 0; number < 12; number++) {
            byte[] samples = new byte[600 + 40 * number];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = (byte) (128 + 60 * Math.sin(i * (number % 2 == 0 ? 0.3 : 2.2)));
            }
            AudioFormat format = new AudioFormat(AudioFormat.Encoding.PCM_UNSIGNED, 4000, 8, 1, 1, 4000, false);
            Path file = data.resolve(number % 2 == 0 ? "low" : "high").resolve(number + ".wav");
            Files.createDirectories(file.getParent());
            AudioSystem.write(
                    new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length),
                    AudioFileFormat.Type.WAVE,
                    file.toFile());
        }
        assertContentsAreAnswered("audio", data, "is a damaged WAV file: it has no data");
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
        Path run = trained(recipe, data);
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            Classifier classifier = model.classifier();
            assertThat(words(classifier, classifier.contents(files(data)))).isEqualTo(predicted(data));
            byte[] damaged = "RIFF    WAVE    ".getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> classifier.contents(List.of(new NamedBytes("row with id = 3", damaged))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row with id = 3: " + fault);
            assertThatThrownBy(() -> classifier.texts(List.of()))
                    .hasMessage("expected a model that reads texts, got one that reads '" + recipe + "'");
        }
    }

    @Test
    void modelsOfOtherKindsAreRefused() throws IOException {
        Path run = folder.resolve("run");
        CommandLineRun result =
                CommandLineRun.of("train", "language-model", "--epochs", "1", "--hidden", "4", "--out", run.toString());
        assertThat(result.exitCode()).as(result.err()).isZero();
        try (Device device = Devices.named("cpu");
                TrainedModel model = TrainedModel.load(device, run.resolve(RunFolder.MODEL))) {
            assertThatThrownBy(model::classifier)
                    .hasMessage("expected a model that tells classes, got one that answers 'next token'");
        }
    }
}
