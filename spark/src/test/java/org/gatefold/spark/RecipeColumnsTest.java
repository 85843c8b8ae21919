package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.TrainedModel;
import org.gatefold.recipe.audio.Audio;
import org.gatefold.recipe.classify.Classify;
import org.gatefold.recipe.field.Answer;
import org.gatefold.recipe.field.media.Transcript;
import org.gatefold.recipe.image.Images;
import org.gatefold.recipe.language.LanguageModel;
import org.gatefold.recipe.speech.Speech;
import org.gatefold.recipe.tag.Tag;
import org.gatefold.recipe.translate.Translate;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;

/** Columns of texts and of what files hold, scored by models of recipes as they answer the same in files and in memory. */
class RecipeColumnsTest extends LocalSpark {
    private Path trained(Recipe recipe, Path data) throws IOException {
        return trained(recipe, data, Map.of("hidden", 4, "epochs", 1));
    }

    private Path trained(Recipe recipe, Path data, Map<String, Object> options) throws IOException {
        Path run = directory.resolve("run");
        try (Experiment experiment =
                        Experiment.begin(recipe, recipe.describe().options().given(options), data, null, run);
                Device device = Devices.named("cpu");
                Experiment.Training training = experiment.on(device)) {
            training.run(new TrainingListener() {});
        }
        return run.resolve(RunFolder.MODEL);
    }

    /** Class and probability of every row, as predict prints them. */
    private static List<String> predicted(Path model, Path data) throws IOException {
        try (Device device = Devices.named("cpu");
                TrainedModel trained = TrainedModel.load(device, model)) {
            return trained.predict(data, false)
                    .lines()
                    .skip(1)
                    .map(line -> line.split(",")[1] + " " + line.split(",")[2])
                    .toList();
        }
    }

    private static List<String> scored(GatefoldModel model, Dataset<Row> frame) {
        return model.setProbabilityCol("probability").transform(frame).collectAsList().stream()
                .map(row -> row.<String>getAs("prediction") + most(row.getList(row.fieldIndex("probability"))))
                .toList();
    }

    private static String most(List<Double> probabilities) {
        return String.format(
                Locale.ROOT,
                " %.6f",
                probabilities.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    private Dataset<Row> frame(DataType type, List<?> values) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            rows.add(RowFactory.create("row-" + i, values.get(i)));
        }
        return spark.createDataFrame(
                rows, new StructType().add("id", DataTypes.StringType).add("content", type));
    }

    private static List<byte[]> contents(Path data) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                contents.add(Files.readAllBytes(file));
            }
        }
        return contents;
    }

    @Test
    void texts() throws Exception {
        List<String> texts = new ArrayList<>();
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 60; i++) {
            texts.add((i % 2 == 0 ? "a good day, number " : "bad weather on day ") + i + "!".repeat(i % 5));
            csv.append('"').append(texts.get(i)).append(i % 2 == 0 ? "\",kind\n" : "\",unkind\n");
        }
        Path data = Files.writeString(directory.resolve("texts.csv"), csv);
        Path file = trained(new Classify(), data);
        GatefoldModel model =
                GatefoldModel.of(file).setInputCol("content").setKeyCol("id").setBatchSize(7);
        assertThat(scored(model, frame(DataTypes.StringType, texts))).isEqualTo(predicted(file, data));
        assertThatThrownBy(() -> model.transform(frame(DataTypes.BinaryType, List.of(new byte[1]))))
                .hasMessage("inputCol: expected a column of texts, got one of binary");
    }

    /** A model's answers for texts that differ in length, in batches that are smaller, beside those in memory, and for a blank one none. */
    private List<Row> assertTextsAreAnswered(Path file, List<String> texts, String type, Function<Row, Answer> answer)
            throws IOException {
        GatefoldModel model = GatefoldModel.of(file)
                .setInputCol("content")
                .setKeyCol("id")
                .setBatchSize(2)
                .setHandleInvalid("keep");
        List<String> more = new ArrayList<>(texts);
        more.add(1, " ");
        Dataset<Row> scored = model.transform(frame(DataTypes.StringType, more));
        assertThat(scored.schema().apply("prediction").dataType().simpleString())
                .isEqualTo(type);
        List<Row> rows = new ArrayList<>(scored.collectAsList());
        assertThat(rows.remove(1).get(2)).isNull();
        try (Device device = Devices.named("cpu");
                TrainedModel trained = TrainedModel.load(device, file)) {
            assertThat(rows.stream().map(answer).map(RecipeColumnsTest::words).toList())
                    .isEqualTo(trained.answerer().texts(texts).stream()
                            .map(RecipeColumnsTest::words)
                            .toList());
        }
        assertThatThrownBy(() -> model.setHandleInvalid("error")
                        .transform(frame(DataTypes.StringType, more))
                        .collectAsList())
                .hasStackTraceContaining("column 'content', row with id = row-1: expected a text, got ' '");
        assertThatThrownBy(() -> model.setProbabilityCol("probability").transform(frame(DataTypes.StringType, texts)))
                .hasMessage("probabilityCol: expected a model that tells classes, got one that tells none");
        return rows;
    }

    /** An answer, with as many digits as {@code predict} prints. */
    private static String words(Answer answer) {
        return answer instanceof Answer.Likelihood found
                ? String.format(Locale.ROOT, "%.4f nats, %d tokens", found.nats(), found.tokens())
                : answer.toString();
    }

    @Test
    void tagsOfWords() throws Exception {
        StringBuilder conll = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            conll.append(i % 2 == 0 ? "Anna B-PER\nsees O\nRome B-LOC\n\n" : "in O\nOslo B-LOC\nsince O\nMay O\n\n");
        }
        Path data = Files.writeString(directory.resolve("names.conll"), conll);
        List<Row> rows = assertTextsAreAnswered(
                trained(new Tag(), data),
                List.of("Anna sees Oslo", "in  Rome", "Rome sees Anna since May"),
                "array<string>",
                row -> new Answer.Tags(row.getList(2)));
        assertThat(rows.get(1).getList(2)).hasSize(2);
    }

    @Test
    void likelihoodsOfTexts() throws Exception {
        Path data = Files.writeString(
                directory.resolve("garden.txt"),
                "the rose is red .\nthe lily is white and tall .\na rose .\n".repeat(60));
        List<Row> rows = assertTextsAreAnswered(
                trained(new LanguageModel(), data),
                List.of("the lily is red", "a", "the rose is white and red and tall"),
                "struct<nats:double,tokens:int,perplexity:double>",
                row -> new Answer.Likelihood(
                        row.getStruct(2).getDouble(0), row.getStruct(2).getInt(1)));
        for (Row row : rows) {
            Row found = row.getStruct(2);
            assertThat(found.getDouble(2)).isEqualTo(Math.exp(found.getDouble(0) / found.getInt(1)));
        }
        assertThat(rows.get(0).getStruct(2).getInt(1)).isEqualTo(5);
    }

    @Test
    void textsForTexts() throws Exception {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            pairs.append("day ").append(i % 7).append("\ttag ").append(i % 7).append('\n');
        }
        assertTextsAreAnswered(
                trained(new Translate(), Files.writeString(directory.resolve("days.tsv"), pairs)),
                List.of("day 3", "day 10", "the day"),
                "string",
                row -> new Answer.Text(row.getString(2)));
    }

    @Test
    void textsOfRecordings() throws Exception {
        Path data = directory.resolve("calls");
        List<byte[]> recordings = new ArrayList<>();
        StringBuilder list = new StringBuilder("path,text\n");
        for (int number = 0; number < 12; number++) {
            Path file = data.resolve(number + ".wav");
            tone(file, number);
            recordings.add(Files.readAllBytes(file));
            list.append(file.getFileName()).append(number % 2 == 0 ? ",low\n" : ",high\n");
        }
        Path calls = Files.writeString(data.resolve("calls.csv"), list);
        Path file = trained(
                new Speech(),
                calls,
                Map.of("hidden", 8, "epochs", 60, "batch", 2, "lr", 0.03, "units", Transcript.Units.WORDS));
        List<Row> rows = GatefoldModel.of(file)
                .setInputCol("content")
                .setBatchSize(5)
                .transform(frame(DataTypes.BinaryType, recordings))
                .collectAsList();
        try (Device device = Devices.named("cpu");
                TrainedModel trained = TrainedModel.load(device, file)) {
            assertThat(rows.stream().map(row -> row.getString(2)))
                    .anyMatch(text -> !text.isEmpty())
                    .isEqualTo(trained.predict(calls, false)
                            .lines()
                            .skip(1)
                            .map(line -> line.split(",", -1)[1])
                            .toList());
        }
    }

    private static void tone(Path file, int number) throws IOException {
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
    void recordings() throws Exception {
        Path data = directory.resolve("sounds");
        for (int number = 0; number < 12; number++) {
            tone(data.resolve(number % 2 == 0 ? "low" : "high").resolve(number + ".wav"), number);
        }
        assertContentsAreScored(new Audio(), data, ": is a damaged WAV file: it has no data");
    }

    @Test
    void pictures() throws Exception {
        Path data = directory.resolve("pictures");
        for (int number = 0; number < 12; number++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            for (int i = 0; i < 64; i++) {
                image.getRaster().setSample(i % 8, i / 8, 0, (number % 2 == 0 ? i % 8 : i / 8) * 30 + number);
            }
            Path file = data.resolve(number % 2 == 0 ? "across" : "down").resolve(number + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        assertContentsAreScored(new Images(), data, ": is no sound image: expected an image in PNG, JPEG, GIF or BMP");
    }

    private void assertContentsAreScored(Recipe recipe, Path data, String fault) throws Exception {
        Path file = trained(recipe, data);
        GatefoldModel model =
                GatefoldModel.of(file).setInputCol("content").setKeyCol("id").setBatchSize(5);
        List<byte[]> contents = contents(data);
        List<String> predicted = predicted(file, data);
        assertThat(scored(model, frame(DataTypes.BinaryType, contents))).isEqualTo(predicted);

        contents.set(3, "RIFF    WAVE    ".getBytes(StandardCharsets.UTF_8));
        Dataset<Row> damaged = frame(DataTypes.BinaryType, contents);
        assertThatThrownBy(() -> model.transform(damaged).collectAsList())
                .hasStackTraceContaining("column 'content', row with id = row-3" + fault);
        List<String> kept = new ArrayList<>(predicted);
        kept.remove(3);
        assertThat(scored(model.setHandleInvalid("skip"), damaged)).isEqualTo(kept);
        assertThatThrownBy(() -> model.transform(frame(DataTypes.StringType, List.of("a text"))))
                .hasMessage("inputCol: expected a column of bytes, what files hold, got one of string");
    }
}
