package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sequences whose steps come one after the other, scored by queries that end, are killed, and are started again. */
class StreamTest extends LocalSpark {
    @Test
    void aQueryThatIsStartedAgainGoesOnWithItsStates() throws Exception {
        Readings readings = new Readings(directory);
        readings.write(0, 4);
        Readings.score(spark, directory);
        readings.write(4, 5);
        Readings.score(spark, directory);
        readings.write(5, Readings.STEPS);
        Readings.score(spark, directory);
        readings.requireScored(spark);
        assertThatThrownBy(() ->
                        GatefoldModel.of(Readings.file(directory)).transformStream(spark.emptyDataFrame(), "time"))
                .hasMessage("keyCol: expected the column whose values tell sequences apart, got none");
    }

    /** The process, and the store of states with it, is gone in the midst of a batch or between two. */
    @Test
    void aQueryWhoseProcessIsKilledLosesAndRepeatsNothing() throws Exception {
        Readings readings = new Readings(directory);
        for (int step = 0; step < Readings.STEPS; step++) {
            readings.write(step, step + 1);
        }
        Process killed = program();
        while (!Files.exists(directory.resolve("state/commits/2"))) {
            assertThat(killed.isAlive()).as(() -> Programs.log(directory)).isTrue();
            Thread.onSpinWait();
        }
        killed.destroyForcibly().waitFor();
        assertThat(directory.resolve("state/commits").resolve(Integer.toString(Readings.STEPS - 1)))
                .as("the last batch")
                .doesNotExist();
        assertThat(program().waitFor()).as(() -> Programs.log(directory)).isZero();
        readings.requireScored(spark);
    }

    private Process program() throws Exception {
        return Programs.java(List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        StreamProgram.class.getName(),
                        directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }
}
