package org.gatefold.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences whose steps come one after the other, scored by queries that end and are started again. */
class StreamTest {
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
}
