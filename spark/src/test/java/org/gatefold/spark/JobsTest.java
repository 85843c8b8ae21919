package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.text.Tokenizer;
import org.gatefold.data.text.Vocabulary;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.TimePooling;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whole jobs on two executors that are processes of their own, between which all is encrypted, beside the same on one machine with the joint
 * batch.
 */
class JobsTest {
    private static SparkSession spark;

    @BeforeAll
    static void begin() throws Exception {
        spark = Frames.cluster("local-cluster[2,1,2048]")
                .config("spark.executor.memory", "1g")
                .config("spark.executor.heartbeatInterval", "500ms")
                .config("spark.authenticate", "true")
                .config("spark.authenticate.secret", "a secret of the test")
                .config("spark.network.crypto.enabled", "true")
                .getOrCreate();
    }

    @AfterAll
    static void end() {
        spark.stop();
    }

    private static final int EPOCHS = 20;
    private static final int WINDOW = 24;
    private static final int MONTHS_TRAINED = 2256;
    private static final float SPOTS = 100;

    /** Sunspot numbers of two years as {@code features}, and of the month behind them as {@code label}. */
    private static List<Row> sunspots() throws Exception {
        double[] months;
        try (InputStream stream = Dataset.class.getResourceAsStream("sunspots-monthly.csv")) {
            months = CsvTable.read("sunspots", stream).numbers("value");
        }
        List<Row> rows = new ArrayList<>();
        for (int month = WINDOW; month < months.length; month++) {
            List<Double> window = new ArrayList<>();
            for (int i = month - WINDOW; i < month; i++) {
                window.add(months[i] / SPOTS);
            }
            rows.add(RowFactory.create(Integer.toString(month), window, (float) months[month] / SPOTS));
        }
        return rows;
    }

    private static double rmse(List<Row> rows, double... forecasts) {
        double sum = 0;
        for (int i = 0; i < forecasts.length; i++) {
            sum += Math.pow(SPOTS * (forecasts[i] - rows.get(i).getFloat(2)), 2);
        }
        return Math.sqrt(sum / forecasts.length);
    }

    @Test
    void sunspotsAreForecastAsByOneMachine() throws Exception {
        List<Row> rows = sunspots();
        List<Row> training = rows.subList(0, MONTHS_TRAINED - WINDOW);
        List<Row> test = rows.subList(MONTHS_TRAINED - WINDOW, rows.size());
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(16))
                .add(Linear.of(1))
                .build();
        List<Thread> tellers = Collections.synchronizedList(new ArrayList<>());
        List<Integer> told = Collections.synchronizedList(new ArrayList<>());
        GatefoldModel model = new GatefoldEstimator()
                .setNetwork(network)
                .setEpochs(EPOCHS)
                .setBatchSize(16)
                .setLearningRate(0.004)
                .setSeed(1)
                .setWorkers(2)
                .onEpoch(report -> {
                    told.add(report.epoch());
                    tellers.add(Thread.currentThread());
                })
                .fit(Frames.frame(spark, training));
        List<Row> scored =
                model.transform(Frames.frame(spark, test)).select("prediction").collectAsList();
        double score =
                rmse(test, scored.stream().mapToDouble(row -> row.getDouble(0)).toArray());
        // The last one of two years is the forecast that needs no model.
        double persistence = rmse(
                test,
                test.stream()
                        .mapToDouble(row -> (Double) ((List<?>) row.get(1)).get(WINDOW - 1))
                        .toArray());
        double alone;
        try (Device device = Devices.named("cpu");
                Model single = network.on(device).seed(1).build()) {
            float[][] labels =
                    training.stream().map(row -> new float[] {row.getFloat(2)}).toArray(float[][]::new);
            Dataset data = Dataset.of(Frames.sequences(training)).withTargets(labels);
            Trainer.of(single)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(0.004f))
                    .seed(1)
                    .fit(Batches.of(data, 32).shuffled(1), EPOCHS);
            alone = rmse(
                    test,
                    Arrays.stream(single.predict(Frames.sequences(test)))
                            .mapToDouble(output -> output[0])
                            .toArray());
        }
        System.out.printf("sunspots: two workers %.2f, one machine %.2f, last month %.2f%n", score, alone, persistence);
        assertThat(score).isLessThan(1.03 * alone).isLessThan(0.95 * persistence);
        assertThat(told).isEqualTo(IntStream.range(0, EPOCHS).boxed().toList());
        assertThat(tellers).as("who told while others trained").anyMatch(each -> each != Thread.currentThread());
    }

    @Test
    void questionsAreToldApartAsByOneMachine() throws Exception {
        String folder = System.getProperty("gatefold.data");
        assumeTrue(folder != null, "needs TREC under -Dgatefold.data");
        List<Row> training = questions(Path.of(folder, "text-classification", "TREC.train.all"));
        List<Row> test = questions(Path.of(folder, "text-classification", "TREC.test.all"));
        int most = 4000;
        Network network = Network.sequential(Form.tokens())
                .add(Embedding.of(most, 50))
                .add(Lstm.of(32).bidirectional().returnSequences())
                .add(TimePooling.max())
                .add(Linear.of(6))
                .build();
        StructType schema = new StructType()
                .add("id", DataTypes.LongType)
                .add("question", DataTypes.StringType)
                .add("kind", DataTypes.StringType);
        GatefoldModel model = new GatefoldEstimator()
                .setNetwork(network)
                .setInputCol("question")
                .setLabelCol("kind")
                .setKeyCol("id")
                .setLoss("crossEntropy")
                .setVocabularySize(most)
                .setTokenizer("spaces")
                .setEpochs(6)
                .setBatchSize(16)
                .setLearningRate(0.003)
                .setSeed(1)
                .setWorkers(2)
                .fit(spark.createDataFrame(training, schema));
        double score = model.transform(spark.createDataFrame(test, schema))
                        .filter("prediction = kind")
                        .count()
                / (double) test.size();

        Vocabulary words = Vocabulary.fit(tokens(training), most, 1);
        double alone;
        try (Device device = Devices.named("cpu");
                Model single = network.on(device).seed(1).build()) {
            Dataset data = Dataset.of(ids(words, training)).withLabels(kinds(training));
            Trainer.of(single)
                    .loss(Loss.crossEntropy())
                    .optimizer(Adam.of(0.003f))
                    .seed(1)
                    .fit(Batches.of(data, 32).shuffled(1), 6);
            float[][] outputs =
                    single.predict(ids(words, test)).values().iterator().next().rows();
            int[] kinds = kinds(test);
            alone = IntStream.range(0, kinds.length)
                            .filter(i -> IntStream.range(0, 6).allMatch(k -> outputs[i][k] <= outputs[i][kinds[i]]))
                            .count()
                    / (double) test.size();
        }
        System.out.printf("TREC: two workers %.3f, one machine %.3f%n", score, alone);
        assertThat(score).isGreaterThan(0.85).isGreaterThan(alone - 0.015);
    }

    private static List<Row> questions(Path file) throws Exception {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            rows.add(RowFactory.create((long) rows.size(), line.substring(2), line.substring(0, 1)));
        }
        return rows;
    }

    private static List<List<String>> tokens(List<Row> rows) {
        return rows.stream()
                .map(row -> Tokenizer.SPACES.tokens(row.getString(1)))
                .toList();
    }

    private static Column ids(Vocabulary words, List<Row> rows) {
        return Column.tokens(
                Dataset.INPUT,
                tokens(rows).stream()
                        .map(text -> text.stream().mapToInt(words::id).toArray())
                        .toArray(int[][]::new));
    }

    private static int[] kinds(List<Row> rows) {
        return rows.stream().mapToInt(row -> Integer.parseInt(row.getString(2))).toArray();
    }

    /** A task that fails is tried four times; here none does. */
    @Test
    void rowThatCannotBeReadEndsTrainingWithoutTasksThatFail() {
        AtomicInteger failed = new AtomicInteger();
        SparkListener listener = new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (!end.taskInfo().successful()) {
                    failed.incrementAndGet();
                }
            }
        };
        List<Row> rows = Frames.rows(40, 1);
        rows.set(31, RowFactory.create("the later", Arrays.asList(1.0, null), 1f));
        rows.set(13, RowFactory.create("the first", Arrays.asList(1.0, Double.NaN), 1f));
        spark.sparkContext().addSparkListener(listener);
        try {
            assertThatThrownBy(() ->
                            Frames.estimator().setKeyCol("id").setWorkers(2).fit(Frames.frame(spark, rows)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("column 'features', row with id = the first: step 1: expected finite numbers, got NaN");
            Frames.frame(spark, Frames.rows(3, 1)).count();
        } finally {
            spark.sparkContext().removeSparkListener(listener);
        }
        assertThat(failed).hasValue(0);
    }
}
