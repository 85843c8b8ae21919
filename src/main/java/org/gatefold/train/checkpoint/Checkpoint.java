package org.gatefold.train.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.file.Safetensors;
import org.gatefold.train.report.EpochReport;

/**
 * A directory with all that is needed to go on with a training run: {@code checkpoint.json}, and the safetensors file with
 * weights and optimiser state that it names.
 *
 * <p>A save writes the weights under a new name, brings them to the disk, and then replaces {@code checkpoint.json} by
 * renaming: until that moment the old checkpoint holds, from then on the new one, whenever the process is killed. Files of
 * older saves are removed afterwards. One process writes a directory at a time; reading is safe at any time.
 */
public final class Checkpoint {
    private static final String STATE = "checkpoint.json";
    /** Room for 200,000 epochs. */
    private static final int MOST_BYTES = 64 << 20;

    private static final Pattern WEIGHTS = Pattern.compile("weights-([0-9]{1,18})\\.safetensors(\\.part)?");

    private final Path directory;

    public Checkpoint(Path directory) {
        this.directory = directory;
    }

    /**
     * What a checkpoint tells without a model.
     *
     * @param epoch the epoch it is in, counted from 0
     * @param step updates done
     * @param history the finished epochs
     * @param metadata the free text given to the trainer
     */
    public record Summary(int epoch, long step, List<EpochReport> history, Map<String, String> metadata) {
        public Summary {
            history = List.copyOf(history);
            metadata = Map.copyOf(metadata);
        }
    }

    /** True if the directory holds a checkpoint. */
    public static boolean exists(Path directory) {
        return Files.isRegularFile(directory.resolve(STATE));
    }

    /**
     * What the checkpoint in a directory tells without a model.
     *
     * @throws CheckpointException if there is none, or if it cannot be read
     */
    public static Summary summary(Path directory) {
        TrainingState state = new Checkpoint(directory).state();
        return new Summary(state.epoch, state.step, state.epochs, state.metadata);
    }

    /** Saves; afterwards the directory holds this checkpoint alone. */
    public void save(TrainingState state, List<Safetensors.Source> tensors) {
        try {
            Files.createDirectories(directory);
            state.weights = "weights-" + (newest() + 1) + ".safetensors";
            AtomicFile.write(
                    directory.resolve(state.weights),
                    out -> Safetensors.write(out, Map.of("format", "gatefold-checkpoint"), tensors));
            String text = Json.pretty(state.json()) + "\n";
            AtomicFile.write(directory.resolve(STATE), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
            removeAllBut(state.weights);
        } catch (IOException e) {
            throw new CheckpointException(
                    "checkpoint " + directory + ": cannot be written: " + FileException.reason(e)
                            + (exists(directory) ? "; the one before is intact" : ""),
                    e);
        }
    }

    /** Reads everything but the tensors. */
    public TrainingState state() {
        Path file = directory.resolve(STATE);
        if (!Files.exists(file)) {
            throw new CheckpointException("checkpoint " + directory + ": expected a file " + STATE + ", found none");
        }
        try {
            return TrainingState.read(JsonFields.read(file, MOST_BYTES));
        } catch (FileException e) {
            throw new CheckpointException("checkpoint " + file + ": is not what was saved: " + e.problem(), e);
        } catch (IOException e) {
            throw new CheckpointException("checkpoint " + file + ": cannot be read: " + FileException.reason(e), e);
        }
    }

    /** The file with the tensors. */
    public Path weights(TrainingState state) {
        if (!WEIGHTS.matcher(state.weights).matches()) {
            throw new CheckpointException(
                    "checkpoint " + directory + ": '" + state.weights + "' is not the name of a file of weights");
        }
        return directory.resolve(state.weights);
    }

    private long newest() throws IOException {
        long newest = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Matcher matcher = WEIGHTS.matcher(file.getFileName().toString());
                if (matcher.matches() && matcher.group(2) == null) {
                    newest = Math.max(newest, Long.parseLong(matcher.group(1)));
                }
            }
        }
        return newest;
    }

    private void removeAllBut(String kept) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (WEIGHTS.matcher(name).matches() && !name.equals(kept)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
