package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.text.Text;
import org.gatefold.spark.column.TextColumns;
import org.gatefold.spark.column.Words;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training on a column of texts and one of names of classes. */
class TextTest extends LocalSpark {
    private static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.LongType)
            .add("text", DataTypes.StringType)
            .add("kind", DataTypes.StringType);
    private static final int VOCABULARY = 10;

    /** What is said of the weather, by its last word but one. */
    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        String[] said = {"fair", "kind", "foul", "grim"};
        for (long i = 0; i < 120; i++) {
            int word = (int) (i * 7 % 4);
            rows.add(RowFactory.create(
                    i, "The weather of day " + i + " is " + said[word] + ".", word < 2 ? "good" : "bad"));
        }
        return rows;
    }

    private static GatefoldEstimator estimator() {
        return new GatefoldEstimator()
                .setNetwork(Network.sequential(Form.tokens())
                        .add(Embedding.of(VOCABULARY, 6))
                        .add(Lstm.of(8))
                        .add(Linear.of(2))
                        .build())
                .setInputCol("text")
                .setLabelCol("kind")
                .setKeyCol("id")
                .setProbabilityCol("probability")
                .setVocabularySize(VOCABULARY)
                .setMinCount(2)
                .setLoss("crossEntropy")
                .setLearningRate(0.02)
                .setBatchSize(8)
                .setEpochs(8)
                .setWorkers(2)
                .setSeed(3);
    }

    @Test
    void vocabularyAndClassesAreLearntAndKeptInTheModel() throws Exception {
        Dataset<Row> frame = spark.createDataFrame(rows(), SCHEMA);
        GatefoldModel model = estimator().fit(frame);
        List<List<String>> texts = rows().stream()
                .map(row -> Tokenizer.WORDS.tokens(row.getString(1)))
                .toList();
        Path file = directory.resolve("model.safetensors");
        Files.write(file, model.modelFile());
        TextColumns kept = TextColumns.of(ModelFile.metadata(file));
        assertThat(kept.words().tokens())
                .isEqualTo(Vocabulary.fit(texts, VOCABULARY, 2).tokens())
                .hasSize(VOCABULARY);
        assertThat(kept.classes()).containsExactly("bad", "good");

        String path = directory.resolve("saved").toString();
        model.save(path);
        List<Row> scored = GatefoldModel.load(path).transform(frame).collectAsList();
        for (Row row : scored) {
            assertThat(row.getString(3)).isEqualTo(row.getString(2));
            List<Double> probabilities = row.getList(4);
            assertThat(probabilities.get(0) + probabilities.get(1)).isCloseTo(1, within(1e-9));
            assertThat(probabilities.get(row.getString(3).equals("bad") ? 0 : 1))
                    .isGreaterThan(0.5);
        }
        assertThat(scored).hasSize(120);
    }

    /** Executors count, so that what is learnt is what texts in one place would give. */
    @ParameterizedTest
    @EnumSource(Tokenizer.class)
    void everyTokenizerLearnsWhatItLearnsOfTextsInOnePlace(Tokenizer tokenizer) throws Exception {
        int most = 30;
        GatefoldModel model = estimator()
                .setNetwork(Network.sequential(Form.tokens())
                        .add(Embedding.of(most, 6))
                        .add(Lstm.of(8))
                        .add(Linear.of(2))
                        .build())
                .setTokenizer(tokenizer.label())
                .setVocabularySize(most)
                .setEpochs(1)
                .fit(spark.createDataFrame(rows(), SCHEMA).repartition(3));
        Path csv = directory.resolve("texts.csv");
        Files.writeString(
                csv, rows().stream().map(row -> row.getString(1) + "\n").collect(Collectors.joining("", "text\n", "")));
        Text alone;
        try (InputStream stream = Files.newInputStream(csv)) {
            alone = Text.column("text", tokenizer, most, 2).fit(Rows.all(CsvTable.read("texts", stream)));
        }
        Path file = directory.resolve("model.safetensors");
        Files.write(file, model.modelFile());
        Words words = TextColumns.of(ModelFile.metadata(file)).words();
        assertThat(words.tokens()).isEqualTo(alone.vocabulary().tokens());
        String text = "The weather is f\u00fcr us";
        float[][] expected = alone.tokens(text).stream()
                .map(token -> new float[] {alone.id(token)})
                .toArray(float[][]::new);
        assertThat(words.ids(text)).isDeepEqualTo(expected);
        Dataset<Row> other = spark.createDataFrame(List.of(RowFactory.create(1L, text, "good")), SCHEMA);
        assertThat(model.transform(other).collectAsList().get(0).getString(3)).isIn("good", "bad");
    }

    @Test
    void textsThatCannotBeReadAreNamedSkippedOrKept() {
        List<Row> rows = new ArrayList<>(rows());
        GatefoldModel model = estimator().setEpochs(1).fit(spark.createDataFrame(rows, SCHEMA));
        rows.set(50, RowFactory.create(50L, null, "good"));
        Dataset<Row> frame = spark.createDataFrame(rows, SCHEMA);
        String message = "column 'text', row with id = 50: expected a text, got null";
        assertThatThrownBy(() -> model.transform(frame).collectAsList()).hasStackTraceContaining(message);
        assertThatThrownBy(() -> estimator().fit(frame))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(model.setHandleInvalid("skip").transform(frame).count()).isEqualTo(119);
        List<Row> kept = model.setHandleInvalid("keep").transform(frame).collectAsList();
        assertThat(kept).hasSize(120);
        assertThat(kept.get(50).get(3)).isNull();
        assertThat(kept.get(51).get(3)).isNotNull();
        assertThatThrownBy(() -> model.setHandleInvalid("ignore").transform(frame))
                .hasMessage("handleInvalid: expected one of [error, skip, keep], got 'ignore'");
    }

    @Test
    void settingsThatDoNotFitAreRefused() {
        Dataset<Row> frame = spark.createDataFrame(rows(), SCHEMA);
        assertThatThrownBy(() -> estimator().setTokenizer("syllables").fit(frame))
                .hasMessage("tokenizer: expected one of [words, spaces, characters, subwords], got 'syllables'");
        assertThatThrownBy(() ->
                        estimator().setLabelCol("text").setInputCol("text").fit(frame))
                .hasMessage("labelCol: expected at most 2 classes, as many as the network has outputs, got more");
        assertThatThrownBy(() -> estimator().setLoss("mse").fit(frame))
                .hasMessage("labelCol: expected names of classes for the loss crossEntropy and one output a row alone,"
                        + " got the loss mse");
        List<Row> numbers = Arrays.asList(RowFactory.create(1L, "a text", "good"), RowFactory.create(2L, "", "bad"));
        assertThatThrownBy(() -> estimator().setMinCount(1).fit(spark.createDataFrame(numbers, SCHEMA)))
                .hasMessage("column 'text', row with id = 2: expected at least one step, got none");
    }
}
