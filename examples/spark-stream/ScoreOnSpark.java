import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.spark.GatefoldModel;
import org.gatefold.tensor.Form;

/** Scores readings of sensors as they come in, by a query that ends in between: each sensor's sequence goes on where it was. */
public final class ScoreOnSpark {
    private static final int SENSORS = 3;
    private static final int STEPS = 20;

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("gatefold");
        Path file = folder.resolve("model.safetensors");
        float[][][] readings = new float[SENSORS][STEPS][1];
        for (int sensor = 0; sensor < SENSORS; sensor++) {
            for (int step = 0; step < STEPS; step++) {
                readings[sensor][step][0] = (float) Math.sin(step * (sensor + 1) / 4.0);
            }
        }
        float[][][] atOnce;
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(16).returnSequences())
                .add(Linear.of(1))
                .build();
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(1).build()) {
            atOnce = model.predictSequences(readings, null);
            ModelFile.save(model, file, Map.of());
        }

        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate()) {
            write(folder, readings, 0, 7);
            score(spark, folder, file);
            write(folder, readings, 7, STEPS);
            score(spark, folder, file);

            double difference = 0;
            List<Row> rows = spark.read()
                    .json(folder.resolve("out").toString())
                    .select("sensor", "step", "forecast")
                    .collectAsList();
            for (Row row : rows) {
                double forecast = row.getDouble(2);
                double expected = atOnce[(int) row.getLong(0)][(int) row.getLong(1)][0];
                difference = Math.max(difference, Math.abs(forecast - expected));
            }
            System.out.printf(
                    "%d of %d readings scored, largest difference from whole sequences %.1e%n",
                    rows.size(), SENSORS * STEPS, difference);
        }
    }

    /** Scores what has come in since the query was here last. */
    private static void score(SparkSession spark, Path folder, Path file) throws Exception {
        Dataset<Row> readings = spark.readStream()
                .schema("sensor INT, step INT, reading DOUBLE")
                .json(folder.resolve("in").toString());
        StreamingQuery query = GatefoldModel.of(file)
                .setInputCol("reading")
                .setKeyCol("sensor")
                .setOutputCol("forecast")
                .transformStream(readings, "step")
                .writeStream()
                .format("json")
                .option("checkpointLocation", folder.resolve("state").toString())
                .option("path", folder.resolve("out").toString())
                .start();
        query.processAllAvailable();
        query.stop();
    }

    private static void write(Path folder, float[][][] readings, int from, int to) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int step = from; step < to; step++) {
            for (int sensor = 0; sensor < readings.length; sensor++) {
                lines.add("{\"sensor\": " + sensor + ", \"step\": " + step + ", \"reading\": "
                        + readings[sensor][step][0] + "}");
            }
        }
        Files.createDirectories(folder.resolve("in"));
        Files.write(folder.resolve("in").resolve("steps-" + from + ".json"), lines);
    }
}
