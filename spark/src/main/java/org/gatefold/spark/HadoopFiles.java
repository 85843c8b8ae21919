package org.gatefold.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Whole files on any file system of Hadoop's. Stateless. */
final class HadoopFiles {
    private HadoopFiles() {}

    static void write(Configuration configuration, Path path, byte[] content) {
        try (FSDataOutputStream out =
                FileSystem.get(path.toUri(), configuration).create(path, true)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be written: " + e.getMessage(), e);
        }
    }

    static byte[] read(Configuration configuration, Path path) {
        try (FSDataInputStream in = FileSystem.get(path.toUri(), configuration).open(path)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
