package org.gatefold.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/** A small task: the sum of a sequence of 2 to 6 numbers. */
final class Frames {
    static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.StringType, false)
            .add("features", DataTypes.createArrayType(DataTypes.DoubleType, true), true)
            .add("label", DataTypes.FloatType, false);

    /** Of executors: they live for seconds, in which the second compiler takes more than it gives. */
    static final String EXECUTOR_OPTIONS = "-XX:TieredStopAtLevel=1";

    private Frames() {}

    /** A session that is quick to begin and to shuffle. */
    static SparkSession.Builder session(String master) {
        return SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2");
    }

    /** One whose executors are processes of their own, with the class path of the test. */
    static SparkSession.Builder cluster(String master) throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        return session(master)
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.executor.extraJavaOptions", EXECUTOR_OPTIONS);
    }

    /** The features of rows, {@code [row][step][1]}. */
    static float[][][] sequences(List<Row> rows) {
        return rows.stream()
                .map(row -> ((List<?>) row.get(1))
                        .stream()
                                .map(value -> new float[] {((Number) value).floatValue()})
                                .toArray(float[][]::new))
                .toArray(float[][][]::new);
    }

    static Network network() {
        return Network.sequential(Form.sequences(1))
                .add(Lstm.of(8))
                .add(Linear.of(1))
                .build();
    }

    static List<Row> rows(int count, long seed) {
        Random random = new Random(seed);
        List<Row> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            List<Double> values = new ArrayList<>();
            double sum = 0;
            for (int step = 2 + random.nextInt(5); step > 0; step--) {
                values.add(random.nextDouble() - 0.5);
                sum += values.get(values.size() - 1);
            }
            rows.add(RowFactory.create("row-" + row, values, (float) sum));
        }
        return rows;
    }

    static Dataset<Row> frame(SparkSession spark, List<Row> rows) {
        return spark.createDataFrame(rows, SCHEMA);
    }

    static GatefoldEstimator estimator() {
        return new GatefoldEstimator()
                .setNetwork(network())
                .setBatchSize(4)
                .setLearningRate(0.02)
                .setSeed(5);
    }
}
