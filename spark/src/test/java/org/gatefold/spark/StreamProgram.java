package org.gatefold.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Scores the {@link Readings} of a directory in a process of its own, which may be killed. */
final class StreamProgram {
    private StreamProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (SparkSession spark = Frames.session("local[2]").getOrCreate()) {
            Readings.score(spark, Path.of(arguments[0]));
        }
    }
}
