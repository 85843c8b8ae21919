package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences whose steps come in files, scored by a query that is ended between files and started again. */
class StreamTest {
    private static final StructType SCHEMA = new StructType()
            .add("sensor", DataTypes.StringType)
            .add("time", DataTypes.IntegerType)
            .add("reading", DataTypes.DoubleType);
    private static final int KEYS = 5;
    private static final int STEPS = 12;

    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void begin() {
        spark = Frames.session("local[2]").getOrCreate();
    }

    @AfterAll
    static void end() {
        spark.stop();
    }

    private static float[][][] readings() {
        Random random = new Random(3);
        float[][][] readings = new float[KEYS][STEPS][1];
        for (float[][] sequence : readings) {
            for (float[] step : sequence) {
                step[0] = random.nextFloat();
            }
        }
        return readings;
    }

    /** A file of steps in no order. */
    private void write(float[][][] readings, int from, int to) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int step = to - 1; step >= from; step--) {
            for (int key = 0; key < KEYS; key++) {
                lines.add("{\"sensor\":\"s" + key + "\",\"time\":" + step + ",\"reading\":" + readings[key][step][0]
                        + "}");
            }
        }
        Files.createDirectories(directory.resolve("in"));
        Files.write(directory.resolve("in").resolve("steps-" + from + ".json"), lines);
    }

    private void runAndEnd(GatefoldModel model) throws Exception {
        Dataset<Row> steps =
                spark.readStream().schema(SCHEMA).json(directory.resolve("in").toString());
        StreamingQuery query = model.transformStream(steps, "time")
                .writeStream()
                .format("json")
                .option("checkpointLocation", directory.resolve("state").toString())
                .option("path", directory.resolve("out").toString())
                .trigger(Trigger.ProcessingTime(0))
                .start();
        query.processAllAvailable();
        query.stop();
    }

    @Test
    void aQueryThatIsStartedAgainGoesOnWithItsStates() throws Exception {
        float[][][] readings = readings();
        Path file = directory.resolve("model.safetensors");
        float[][][] expected;
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(6).layers(2).returnSequences())
                .add(Linear.of(2))
                .build();
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(9).build()) {
            expected = model.predictSequences(readings, null);
            ModelFile.save(model, file, Map.of());
        }
        GatefoldModel model = GatefoldModel.of(file)
                .setInputCol("reading")
                .setKeyCol("sensor")
                .setOutputCol("forecast");
        write(readings, 0, 4);
        runAndEnd(model);
        write(readings, 4, 5);
        runAndEnd(model);
        write(readings, 5, STEPS);
        runAndEnd(GatefoldModel.of(file)
                .setInputCol("reading")
                .setKeyCol("sensor")
                .setOutputCol("forecast"));
        List<Row> rows = new ArrayList<>(spark.read()
                .json(directory.resolve("out").toString())
                .select("sensor", "time", "forecast")
                .collectAsList());
        rows.sort(Comparator.comparing((Row row) -> row.getString(0)).thenComparing(row -> row.getLong(1)));
        assertThat(rows).hasSize(KEYS * STEPS);
        for (int i = 0; i < rows.size(); i++) {
            float[] outputs = expected[i / STEPS][i % STEPS];
            for (int k = 0; k < 2; k++) {
                double output = ((Number) rows.get(i).getList(2).get(k)).doubleValue();
                assertThat(output).as("%s", rows.get(i)).isCloseTo(outputs[k], within(1e-5));
            }
        }
        assertThatThrownBy(() -> GatefoldModel.of(file).transformStream(spark.emptyDataFrame(), "time"))
                .hasMessage("keyCol: expected the column whose values tell sequences apart, got none");
    }
}
