package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;

/** Spark's own evaluators, indexers and searches read what models say and set what estimators take. */
class EvaluatorTest extends LocalSpark {
    private static final StructType SIGNS = Frames.SCHEMA.add("sign", DataTypes.StringType, false);

    private static GatefoldEstimator classifier() {
        return Frames.estimator()
                .setNetwork(Network.sequential(Form.sequences(1))
                        .add(Lstm.of(8))
                        .add(Linear.of(2))
                        .build())
                .setLoss("crossEntropy")
                .setWorkers(1)
                .setEpochs(12);
    }

    /** Rows with the sign of their sum. */
    private static Dataset<Row> signs(int count, long seed) {
        List<Row> rows = new ArrayList<>();
        for (Row row : Frames.rows(count, seed)) {
            rows.add(RowFactory.create(
                    row.get(0), row.get(1), row.get(2), row.getFloat(2) > 0 ? "positive" : "negative"));
        }
        return spark.createDataFrame(rows, SIGNS);
    }

    @Test
    void oneNumberIsADouble() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(100, 1));
        Dataset<Row> scored =
                Frames.estimator().setWorkers(1).setEpochs(8).fit(frame).transform(frame);
        assertThat(scored.schema().apply("prediction").dataType()).isEqualTo(DataTypes.DoubleType);
        double sum = 0;
        for (Row row : scored.collectAsList()) {
            sum += Math.pow(row.<Double>getAs("prediction") - row.<Float>getAs("label"), 2);
        }
        RegressionEvaluator evaluator = new RegressionEvaluator().setMetricName("mse");
        assertThat(evaluator.evaluate(scored)).isCloseTo(sum / 100, within(1e-9));
        assertThat(sum / 100).as("learnt").isLessThan(0.05);
    }

    @Test
    void classesByNumberAreTheIndexOfTheLikeliest() {
        Dataset<Row> frame = signs(200, 2);
        Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {
            new StringIndexer().setInputCol("sign").setOutputCol("index").setStringOrderType("alphabetAsc"),
            classifier().setLabelCol("index").setProbabilityCol("probability"),
        });
        PipelineModel model = pipeline.fit(frame);
        Dataset<Row> scored = model.transform(frame);
        int right = 0;
        for (Row row : scored.collectAsList()) {
            List<Double> probability = row.getList(row.fieldIndex("probability"));
            double likeliest = probability.get(1) > probability.get(0) ? 1 : 0;
            assertThat(row.<Double>getAs("prediction")).isEqualTo(likeliest);
            right += likeliest == row.<Double>getAs("index") ? 1 : 0;
        }
        assertThat(new MulticlassClassificationEvaluator()
                        .setLabelCol("index")
                        .setMetricName("accuracy")
                        .evaluate(scored))
                .isCloseTo(right / 200.0, within(1e-9));
        assertThat(right).as("learnt").isGreaterThan(180);
        Dataset<Row> named = new IndexToString()
                .setInputCol("prediction")
                .setOutputCol("said")
                .setLabels(((StringIndexerModel) model.stages()[0]).labelsArray()[0])
                .transform(scored);
        assertThat(named.filter("said = sign").count()).isEqualTo(right);
    }

    @Test
    void aNumberThatIsNoClassIsNamed() {
        List<Row> rows = Frames.rows(4, 1).stream()
                .map(row -> RowFactory.create(
                        row.get(0), row.get(1), row.getString(0).equals("row-2") ? 2f : 0f))
                .toList();
        assertThatThrownBy(() -> classifier().setKeyCol("id").fit(Frames.frame(spark, rows)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column 'label', row with id = row-2: step 0: expected 0 to 1, got 2");
    }

    @Test
    void aSearchSetsParams() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(90, 3));
        GatefoldEstimator estimator = Frames.estimator().setWorkers(1);
        ParamMap[] grid = new ParamGridBuilder()
                .addGrid(estimator.getParam("epochs"), scala.jdk.javaapi.CollectionConverters.asScala(List.of(1, 10)))
                .build();
        CrossValidatorModel found = new CrossValidator()
                .setEstimator(estimator)
                .setEstimatorParamMaps(grid)
                .setEvaluator(new RegressionEvaluator())
                .setNumFolds(2)
                .fit(frame);
        assertThat(found.avgMetrics()[1]).isLessThan(found.avgMetrics()[0]);
        assertThat(((GatefoldModel) found.bestModel()).history()).hasSize(10);
    }

    @Test
    void moreWorkersThanTasksRunAtOnceAreRefused() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(20, 4));
        assertThatThrownBy(() -> Frames.estimator().setWorkers(3).fit(frame))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workers: expected at most 2, as many tasks as run at once here, got 3");
    }
}
