package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that fall silent. */
class StateTimeTest {
    private static final StructType SCHEMA = new StructType()
            .add("sensor", DataTypes.StringType)
            .add("at", DataTypes.TimestampType)
            .add("reading", DataTypes.DoubleType);

    private static SparkSession spark;

    @TempDir
    Path directory;

    private GatefoldModel model;
    private int files;

    @BeforeAll
    static void begin() {
        spark = Frames.session("local[2]")
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate();
    }

    @AfterAll
    static void end() {
        spark.stop();
    }

    private void create() throws Exception {
        Path file = directory.resolve("model.safetensors");
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(6).returnSequences())
                .add(Linear.of(1))
                .build();
        try (Device device = Devices.named("cpu");
                Model made = network.on(device).seed(9).build()) {
            ModelFile.save(made, file, Map.of());
        }
        model = GatefoldModel.of(file).setInputCol("reading").setKeyCol("sensor");
        Files.createDirectories(directory.resolve("in"));
    }

    private Dataset<Row> steps() {
        return spark.readStream().schema(SCHEMA).json(directory.resolve("in").toString());
    }

    private StreamingQuery start(Dataset<Row> steps) throws Exception {
        return model.transformStream(steps, "at")
                .writeStream()
                .format("memory")
                .queryName("predicted")
                .start();
    }

    /** One reading, always the same, of a minute and second of an hour. */
    private void reads(StreamingQuery query, String sensor, String time) throws Exception {
        Path part = Files.writeString(
                directory.resolve("part"),
                "{\"sensor\":\"" + sensor + "\",\"at\":\"2026-01-01 10:" + time + "\",\"reading\":0.5}");
        Files.move(part, directory.resolve("in").resolve("steps-" + files++ + ".json"));
        // Where states end by the clock there is always one more batch.
        while (spark.table("predicted").count() < files) {
            assertThat(query.isActive()).isTrue();
        }
    }

    private static List<Double> predictions(String sensor) {
        return spark
                .sql("select prediction from predicted where sensor = '" + sensor + "' order by at")
                .collectAsList()
                .stream()
                .map(row -> row.getDouble(0))
                .toList();
    }

    @Test
    void keysAreSilentByTheTimeOfRowsWhereThereIsAWatermark() throws Exception {
        create();
        model.setStateTimeout(Duration.ofSeconds(90));
        StreamingQuery query = start(steps().withWatermark("at", "0 seconds"));
        reads(query, "a", "00:00");
        reads(query, "b", "00:01");
        reads(query, "b", "01:00");
        reads(query, "a", "01:10");
        reads(query, "b", "03:00");
        reads(query, "b", "03:10");
        reads(query, "a", "04:00");
        query.stop();
        List<Double> a = predictions("a");
        assertThat(a.get(1)).as("70 s later").isNotEqualTo(a.get(0));
        assertThat(a.get(2)).as("170 s later").isEqualTo(a.get(0));
        List<Double> b = predictions("b");
        assertThat(b).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void keysAreSilentByTheClockElse() throws Exception {
        create();
        model.setStateTimeout(Duration.ofMillis(1));
        StreamingQuery query = start(steps());
        reads(query, "a", "00:00");
        reads(query, "b", "00:01");
        reads(query, "a", "00:02");
        query.stop();
        List<Double> a = predictions("a");
        assertThat(a.get(1)).isEqualTo(a.get(0));
        assertThatThrownBy(() -> model.setStateTimeout(Duration.ofMillis(-1)))
                .hasMessage("stateTimeout: expected at least 0, got PT-0.001S");
    }
}
