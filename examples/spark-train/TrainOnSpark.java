import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sqrt;

import java.nio.file.Files;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Network;
import org.gatefold.spark.GatefoldEstimator;
import org.gatefold.spark.GatefoldModel;
import org.gatefold.tensor.Form;

/** Learns to forecast sunspot numbers from the two years before, by two workers of Spark, and saves the model. */
public final class TrainOnSpark {
    private static final int WINDOW = 24;

    public static void main(String[] arguments) throws Exception {
        String file = arguments.length > 0 ? arguments[0] : "src/main/resources/org/gatefold/data/sunspots-monthly.csv";
        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate()) {
            Dataset<Row> months = spark.read()
                    .option("header", "true")
                    .option("inferSchema", "true")
                    .csv(file)
                    .withColumn("label", col("value").cast("double").divide(100))
                    .withColumn(
                            "features",
                            collect_list(col("label"))
                                    .over(Window.orderBy("month").rowsBetween(-WINDOW, -1)))
                    .where(size(col("features")).equalTo(WINDOW))
                    .orderBy("month");
            Dataset<Row> training = months.where("month < '1937-01'");
            Dataset<Row> test = months.where("month >= '1937-01'");

            Network network = Network.sequential(Form.sequences(1))
                    .add(Lstm.of(16))
                    .add(Linear.of(1))
                    .build();
            GatefoldModel model = new GatefoldEstimator()
                    .setNetwork(network)
                    .setKeyCol("month")
                    .setEpochs(12)
                    .setBatchSize(16)
                    .setLearningRate(0.004)
                    .setWorkers(2)
                    .setValidationShare(0.1)
                    .setPatience(3)
                    .onEpoch(epoch ->
                            System.err.printf("epoch %d: loss %.4f%n", epoch.epoch() + 1, epoch.validationLoss()))
                    .fit(training);

            String path = Files.createTempDirectory("gatefold").resolve("model").toString();
            model.save(path);
            Dataset<Row> scored = GatefoldModel.load(path).transform(test);
            System.out.printf(
                    "error %.1f, that of repeating the last month %.1f%n",
                    error(scored, col("prediction")), error(scored, element_at(col("features"), -1)));
        }
    }

    /** The root of the mean squared error of forecasts, in sunspots. */
    private static double error(Dataset<Row> rows, Column forecast) {
        return 100
                * rows.select(sqrt(avg(pow(forecast.minus(col("label")), 2))))
                        .head()
                        .getDouble(0);
    }
}
