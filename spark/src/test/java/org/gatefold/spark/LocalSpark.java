package org.gatefold.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests in one process with two task slots, each with a folder of its own. */
abstract class LocalSpark {
    /** The session of the class's tests. */
    static SparkSession spark;

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
}
