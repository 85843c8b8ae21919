package org.gatefold.spark.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checkpoints of one training on a file system of Hadoop's, a directory {@code epoch-N} each. One is written beside, and then renamed,
 * so that whoever reads sees whole ones only; the newest two are kept. One worker writes, all read.
 */
final class HadoopCheckpoints {
    private static final Pattern NAME = Pattern.compile("epoch-([0-9]{1,9})");
    private static final int KEPT = 2;

    private final FileSystem files;
    private final Path directory;

    HadoopCheckpoints(String directory, Configuration configuration) throws IOException {
        this.directory = new Path(directory);
        this.files = this.directory.getFileSystem(configuration);
    }

    /** Copies the newest one into a local directory; does nothing if there is none. */
    void read(java.nio.file.Path local) throws IOException {
        List<Path> all = all();
        if (!all.isEmpty()) {
            for (FileStatus file : files.listStatus(all.get(all.size() - 1))) {
                files.copyToLocalFile(
                        false,
                        file.getPath(),
                        new Path(local.resolve(file.getPath().getName()).toUri()),
                        true);
            }
        }
    }

    /** Copies a local directory as the checkpoint after so many epochs. */
    void write(java.nio.file.Path local, int epochs) throws IOException {
        Path part = new Path(directory, ".part");
        Path whole = new Path(directory, "epoch-" + epochs);
        files.delete(part, true);
        files.copyFromLocalFile(new Path(local.toUri()), part);
        files.delete(whole, true);
        if (!files.rename(part, whole)) {
            throw new IOException(whole + ": cannot be made");
        }
        List<Path> all = all();
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            files.delete(old, true);
        }
    }

    private List<Path> all() throws IOException {
        if (!files.exists(directory)) {
            return List.of();
        }
        return Arrays.stream(files.listStatus(directory))
                .map(FileStatus::getPath)
                .filter(path -> NAME.matcher(path.getName()).matches())
                .sorted(Comparator.comparingInt(HadoopCheckpoints::number))
                .toList();
    }

    private static int number(Path path) {
        Matcher matcher = NAME.matcher(path.getName());
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
