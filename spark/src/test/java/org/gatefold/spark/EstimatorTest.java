package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.model.Model;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.EpochReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training and scoring in one process with two task slots. */
class EstimatorTest extends LocalSpark {
    private static float[] predictions(Dataset<Row> scored) {
        List<Row> rows = scored.select("prediction").collectAsList();
        float[] all = new float[rows.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) rows.get(i).getDouble(0);
        }
        return all;
    }

    /** One worker does what a trainer does. */
    @Test
    void oneWorkerGivesTheModelOfATrainer() {
        List<Row> rows = Frames.rows(50, 1);
        GatefoldModel trained = Frames.estimator()
                .setWorkers(1)
                .setEpochs(3)
                .fit(Frames.frame(spark, rows).coalesce(1));
        float[][] labels =
                rows.stream().map(row -> new float[] {row.getFloat(2)}).toArray(float[][]::new);
        try (Device device = Devices.named("cpu");
                Model model = Frames.network().on(device).seed(5).build()) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(0.02f))
                    .seed(5)
                    .fit(
                            Batches.of(
                                            org.gatefold.data.Dataset.of(Frames.sequences(rows))
                                                    .withTargets(labels),
                                            4)
                                    .shuffled(5),
                            3);
            float[][] expected = model.predict(Frames.sequences(rows));
            float[] actual = predictions(trained.transform(Frames.frame(spark, rows)));
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i][0], within(1e-5f));
            }
        }
        assertThat(trained.history()).hasSize(3);
    }

    /** Batches of all rows, so that they have the same ones whoever shuffles them. */
    @Test
    void twoWorkersLearnWhatOneLearnsOfTheirBatchesTogether() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(40, 3)).coalesce(1);
        GatefoldEstimator estimator = Frames.estimator().setEpochs(10);
        GatefoldModel alone = estimator.setWorkers(1).setBatchSize(40).fit(frame);
        GatefoldModel together = estimator.setWorkers(2).setBatchSize(20).fit(frame);
        for (int epoch = 0; epoch < 10; epoch++) {
            double expected = alone.history().get(epoch).trainingLoss();
            assertThat(together.history().get(epoch).trainingLoss()).isCloseTo(expected, within(1e-5 * expected));
        }
        assertThat(predictions(together.transform(frame)))
                .containsExactly(predictions(alone.transform(frame)), within(1e-5f));
        assertThat(alone.history().get(9).trainingLoss())
                .isLessThan(0.9 * alone.history().get(0).trainingLoss());
    }

    @Test
    void twoWorkersLearnRepeatablyAndTheModelIsSavedWithItsPipeline() throws Exception {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(200, 2));
        GatefoldEstimator estimator = Frames.estimator()
                .setWorkers(2)
                .setEpochs(8)
                .setValidationShare(0.2)
                .setPatience(3);
        GatefoldModel first = estimator.fit(frame);
        assertThat(first.history().get(7).validationLoss())
                .isLessThan(0.1 * first.history().get(0).validationLoss());
        assertThat(estimator.fit(frame).modelFile()).isEqualTo(first.modelFile());

        String path = directory.resolve("pipeline").toString();
        PipelineModel pipeline = new Pipeline()
                .setStages(new PipelineStage[] {estimator.setOutputCol("sum")})
                .fit(frame);
        pipeline.save(path);
        Dataset<Row> scored = PipelineModel.load(path).transform(frame);
        assertThat(scored.columns()).containsExactly("id", "features", "label", "sum");
        assertThat(scored.select("sum").collectAsList())
                .isEqualTo(pipeline.transform(frame).select("sum").collectAsList());
        String estimatorPath = directory.resolve("estimator").toString();
        estimator.save(estimatorPath);
        assertThat(GatefoldEstimator.load(estimatorPath).fit(frame).modelFile()).isEqualTo(first.modelFile());
    }

    /** Labels that tell nothing: the model gets worse on rows that it does not learn. */
    @Test
    void trainingStopsWhereTheModelGetsNoBetterAndGivesTheBest() {
        List<Row> rows = new ArrayList<>();
        Random random = new Random(4);
        for (Row row : Frames.rows(40, 4)) {
            rows.add(RowFactory.create(row.get(0), row.get(1), (float) random.nextGaussian()));
        }
        List<EpochReport> told = new ArrayList<>();
        GatefoldModel model = Frames.estimator()
                .setWorkers(2)
                .setEpochs(200)
                .setLearningRate(0.05)
                .setValidationShare(0.3)
                .setPatience(2)
                .onEpoch(told::add)
                .fit(Frames.frame(spark, rows));
        List<Double> losses =
                model.history().stream().map(EpochReport::validationLoss).toList();
        double best = Collections.min(losses);
        assertThat(losses.size()).isLessThan(200).isEqualTo(losses.indexOf(best) + 3);
        assertThat(told).isEqualTo(model.history());
    }

    @Test
    void averagedWorkersLearn() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(200, 3));
        GatefoldModel model = Frames.estimator()
                .setWorkers(2)
                .setEpochs(8)
                .setAveragingSteps(4)
                .fit(frame);
        assertThat(model.history().get(7).trainingLoss())
                .isLessThan(0.2 * model.history().get(0).trainingLoss());
    }

    /** Smaller gradients give another model, which learns too. */
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "top:0.25"})
    void workersLearnOfCompressedGradients(String compression) {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(200, 2));
        GatefoldEstimator estimator = Frames.estimator().setWorkers(2).setEpochs(8);
        GatefoldModel whole = estimator.fit(frame);
        GatefoldModel model = estimator.setCompression(compression).fit(frame);
        assertThat(model.modelFile()).isNotEqualTo(whole.modelFile());
        assertThat(model.history().get(7).trainingLoss())
                .isLessThan(0.2 * model.history().get(0).trainingLoss());
    }

    @Test
    void wrongCompressionIsNamed() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(8, 2));
        assertThatThrownBy(() -> Frames.estimator().setCompression("zip").fit(frame))
                .hasMessageContaining("compression: expected none, bf16 or top:F, as in top:0.01, got 'zip'");
        assertThatThrownBy(() -> Frames.estimator()
                        .setCompression("bf16")
                        .setAveragingSteps(2)
                        .fit(frame))
                .hasMessageContaining("compression: expected none with averagingSteps, got 'bf16'");
    }

    /** Steps of several numbers, and rows that are vectors, come in their order whatever their length. */
    @Test
    void formsOfInputAreReadAndOrderIsKept() throws Exception {
        GatefoldModel model =
                Frames.estimator().setWorkers(1).setEpochs(1).fit(Frames.frame(spark, Frames.rows(20, 4)));
        List<Row> rows = Frames.rows(333, 5);
        StructType vectors = new StructType()
                .add("features", new VectorUDT())
                .add("nested", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType)));
        List<Row> others = new ArrayList<>();
        for (Row row : rows) {
            float[][] steps = Frames.sequences(List.of(row))[0];
            others.add(RowFactory.create(
                    Vectors.dense(
                            Arrays.stream(steps).mapToDouble(step -> step[0]).toArray()),
                    Arrays.stream(steps).map(step -> List.of(step[0])).toList()));
        }
        Dataset<Row> frame = spark.createDataFrame(others, vectors);
        float[] expected = predictions(model.transform(Frames.frame(spark, rows)));
        assertThat(predictions(model.setBatchSize(7).transform(frame))).containsExactly(expected, within(1e-6f));
        assertThat(predictions(model.setInputCol("nested").transform(frame))).containsExactly(expected, within(1e-6f));
    }

    @Test
    void badRowsAreNamedByTheirKey() {
        GatefoldModel model = Frames.estimator()
                .setWorkers(1)
                .setEpochs(1)
                .setKeyCol("id")
                .fit(Frames.frame(spark, Frames.rows(20, 6)));
        assertFails(model, Arrays.asList(1.0, Double.NaN), "step 1: expected finite numbers, got NaN");
        assertFails(model, Arrays.asList(1.0, null), "element 1: expected a number, got null");
        assertFails(model, null, "expected an array or a vector, got null");
        assertFails(model, List.of(), "expected at least one step, got none");
        assertThatThrownBy(() -> model.copy(ParamMap.empty())
                        .setInputCol("feature")
                        .transform(Frames.frame(spark, Frames.rows(2, 1))))
                .hasMessage("column: expected one of [id, features, label], got 'feature'");
        List<Row> rows = Frames.rows(8, 1);
        rows.set(5, RowFactory.create("the sixth", Arrays.asList(1.0, Double.NaN), 1f));
        assertThatThrownBy(
                        () -> Frames.estimator().setKeyCol("id").setWorkers(2).fit(Frames.frame(spark, rows)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column 'features', row with id = the sixth: step 1: expected finite numbers, got NaN");
        assertThatThrownBy(() -> Frames.estimator().setWorkers(2).fit(Frames.frame(spark, Frames.rows(1, 1))))
                .hasMessage("workers: expected each to have a row, got 2 workers of which 1 have none");
        assertThatThrownBy(() -> Frames.estimator().setLoss("cubic").fit(Frames.frame(spark, Frames.rows(2, 1))))
                .hasMessage("loss: expected one of [binaryCrossEntropy, crossEntropy, logCosh, mae, mse], got 'cubic'");
        assertThatThrownBy(() -> new GatefoldEstimator().fit(Frames.frame(spark, Frames.rows(2, 1))))
                .hasMessage("network: expected a description, got none; call setNetwork");
    }

    /** {@link GpuTest} has tasks that are given one. */
    @Test
    void aTaskWithoutAGpuIsTold() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(8, 1));
        assertThatThrownBy(
                        () -> Frames.estimator().setWorkers(2).setDevice("cuda").fit(frame))
                .hasStackTraceContaining(
                        "device: expected a GPU of the task, got none;"
                                + " set spark.task.resource.gpu.amount and spark.executor.resource.gpu.amount, or name a device");
    }

    private static void assertFails(GatefoldModel model, List<Double> values, String message) {
        List<Row> rows = Frames.rows(9, 7);
        rows.set(4, RowFactory.create("the fifth", values, 0f));
        assertThatThrownBy(() -> model.transform(Frames.frame(spark, rows)).collectAsList())
                .hasStackTraceContaining("column 'features', row with id = the fifth: " + message);
    }
}
