package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.gatefold.train.report.EpochReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors that are processes of their own, one of which is killed in the midst of training. */
class KillTest {
    private static final int EPOCHS = 12;

    private static SparkSession spark;

    @TempDir
    Path directory;

    @BeforeAll
    static void begin() throws Exception {
        spark = Frames.cluster("local-cluster[2,1,1024]")
                .config("spark.executor.memory", "512m")
                .getOrCreate();
    }

    @AfterAll
    static void end() {
        spark.stop();
    }

    private static GatefoldModel fit(Dataset<Row> frame, String checkpoints) {
        return Frames.estimator()
                .setWorkers(2)
                .setEpochs(EPOCHS)
                .setValidationShare(0.1)
                .setCheckpointDir(checkpoints)
                .fit(frame);
    }

    @Test
    void trainingGoesOnFromTheLastCheckpointAndLosesNothing() throws Exception {
        Dataset<Row> frame = Frames.frame(spark, Frames.rows(200, 1));
        GatefoldModel whole = fit(frame, "");
        Path checkpoints = directory.resolve("checkpoints");
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(() -> kill(checkpoints.resolve("epoch-2")));
        GatefoldModel model = fit(frame, checkpoints.toUri().toString());
        assertThat(killed.get()).isTrue();
        assertThat(model.modelFile()).isEqualTo(whole.modelFile());
        assertThat(losses(model)).hasSize(EPOCHS).isEqualTo(losses(whole));
        try (var left = Files.list(checkpoints)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .contains("epoch-" + EPOCHS)
                    .hasSizeLessThanOrEqualTo(2);
        }
    }

    private static List<Double> losses(GatefoldModel model) {
        return model.history().stream().map(EpochReport::validationLoss).toList();
    }

    /** Kills an executor once there is a checkpoint. */
    private static boolean kill(Path checkpoint) {
        while (!Files.exists(checkpoint)) {
            Thread.onSpinWait();
        }
        ProcessHandle executor = ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .findFirst()
                .orElseThrow();
        return executor.destroyForcibly();
    }
}
