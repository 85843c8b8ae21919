package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.tensor.Form;

/** Sequences of some sensors whose steps come in files, and a model for them. */
final class Readings {
    static final int STEPS = 12;

    private static final int KEYS = 5;
    private static final StructType SCHEMA = new StructType()
            .add("sensor", DataTypes.StringType)
            .add("time", DataTypes.IntegerType)
            .add("reading", DataTypes.DoubleType);

    private final Path directory;
    private final float[][][] readings = new float[KEYS][STEPS][1];
    private final float[][][] expected;

    Readings(Path directory) {
        this.directory = directory;
        Random random = new Random(3);
        for (float[][] sequence : readings) {
            for (float[] step : sequence) {
                step[0] = random.nextFloat();
            }
        }
        Network network = Network.sequential(Form.sequences(1))
                .add(Lstm.of(6).layers(2).returnSequences())
                .add(Linear.of(2))
                .build();
        try (Device device = Devices.named("cpu");
                Model model = network.on(device).seed(9).build()) {
            expected = model.predictSequences(readings, null);
            ModelFile.save(model, file(directory), Map.of());
        }
    }

    static Path file(Path directory) {
        return directory.resolve("model.safetensors");
    }

    /** A file of steps in no order, which is there at once, and of which Spark sees that it is younger than those of earlier steps. */
    void write(int from, int to) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int step = to - 1; step >= from; step--) {
            for (int key = 0; key < KEYS; key++) {
                lines.add("{\"sensor\":\"s" + key + "\",\"time\":" + step + ",\"reading\":" + readings[key][step][0]
                        + "}");
            }
        }
        Path part = Files.write(directory.resolve("part"), lines);
        Instant written = Instant.now().minus(Duration.ofHours(1)).plusSeconds(from);
        Files.setLastModifiedTime(part, FileTime.from(written));
        Files.createDirectories(directory.resolve("in"));
        Files.move(
                part,
                directory.resolve("in").resolve(String.format("steps-%02d.json", from)),
                StandardCopyOption.ATOMIC_MOVE);
    }

    /** Scores all files that there are, one after the other, and ends the query. */
    static void score(SparkSession spark, Path directory) throws Exception {
        GatefoldModel model = GatefoldModel.of(file(directory))
                .setInputCol("reading")
                .setKeyCol("sensor")
                .setOutputCol("forecast");
        Dataset<Row> steps = spark.readStream()
                .schema(SCHEMA)
                .option("maxFilesPerTrigger", 1)
                .json(directory.resolve("in").toString());
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

    /** Everything was scored, once, as the whole sequences at once. */
    void requireScored(SparkSession spark) {
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
    }
}
