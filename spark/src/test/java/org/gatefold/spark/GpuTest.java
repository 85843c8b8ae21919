package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.gatefold.train.report.EpochReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors that are processes of their own, to whose tasks Spark gives the second of two simulated cards each. */
class GpuTest {
    /** Where the engine's build leaves the simulated device. */
    private static final Path SIMULATOR =
            Path.of("../target/native/simulator").toAbsolutePath().normalize();

    private static SparkSession spark;

    @TempDir
    static Path directory;

    @BeforeAll
    static void begin() throws Exception {
        assumeTrue(
                Files.exists(SIMULATOR.resolve("libcuda.so.1")),
                "needs the simulated device; build the engine with its native tests");
        Path discovery = Files.writeString(
                directory.resolve("cards"), "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"1\"]}'\n");
        Files.setPosixFilePermissions(discovery, PosixFilePermissions.fromString("rwx------"));
        spark = Frames.cluster("local-cluster[2,1,1024]")
                .config("spark.executor.memory", "768m")
                .config("spark.worker.resource.gpu.amount", "1")
                .config("spark.worker.resource.gpu.discoveryScript", discovery.toString())
                .config("spark.executor.resource.gpu.amount", "1")
                .config("spark.task.resource.gpu.amount", "1")
                .config("spark.executorEnv.GATEFOLD_SIM_DEVICES", "2")
                .config(
                        "spark.executor.extraJavaOptions",
                        Frames.EXECUTOR_OPTIONS + " -Dgatefold.cuda.libraries=" + SIMULATOR + " -Dgatefold.cuda.cache="
                                + directory.resolve("kernels"))
                .getOrCreate();
    }

    @AfterAll
    static void end() {
        if (spark != null) {
            spark.stop();
        }
    }

    private static GatefoldModel fit(Dataset<Row> frame, String device) {
        return Frames.estimator().setWorkers(2).setEpochs(2).setDevice(device).fit(frame);
    }

    @Test
    void tasksTrainAndScoreOnTheCardsThatSparkGivesThem() {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(24, 1));
        CardWatch watch = new CardWatch(2);
        assertThat(watch.ask(spark, 2)).as("before").allMatch(seen -> seen.cards()
                .isEmpty());
        GatefoldModel onCards = fit(frame, "cuda");
        assertThat(watch.ask(spark, 2))
                .as("one worker a card, and no other card")
                .hasSize(2)
                .doesNotHaveDuplicates()
                .allMatch(seen -> seen.cards().equals(Set.of(1)));
        GatefoldModel onCpu = fit(frame, "cpu");
        assertThat(onCards.modelFile()).as("rounded otherwise").isNotEqualTo(onCpu.modelFile());
        List<Double> expected = losses(onCpu);
        List<Double> actual = losses(onCards);
        assertThat(actual).hasSameSizeAs(expected);
        for (int epoch = 0; epoch < expected.size(); epoch++) {
            assertThat(actual.get(epoch)).isCloseTo(expected.get(epoch), within(1e-4 * expected.get(epoch)));
        }
        List<Double> scored = scores(onCards.setDevice("cuda"), frame);
        assertThat(watch.ask(spark, 2)).as("as in training").allMatch(seen -> seen.cards()
                .equals(Set.of(1)));
        List<Double> again = scores(onCards.setDevice("cpu"), frame);
        for (int row = 0; row < scored.size(); row++) {
            assertThat(scored.get(row)).isCloseTo(again.get(row), within(1e-5));
        }
    }

    private static List<Double> losses(GatefoldModel model) {
        return model.history().stream().map(EpochReport::trainingLoss).toList();
    }

    private static List<Double> scores(GatefoldModel model, Dataset<Row> frame) {
        return model.transform(frame).orderBy("id").collectAsList().stream()
                .map(row -> row.<Double>getAs("prediction"))
                .toList();
    }
}
