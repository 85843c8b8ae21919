package org.gatefold.recipe;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileFailure;
import org.gatefold.train.checkpoint.Checkpoint;

/**
 * The folder of a training run and the names of the files in it: {@code settings.json}, {@code checkpoint/}, {@code
 * model.safetensors}, {@code metrics.json}, {@code history.csv}, and what the recipe adds. One thread.
 */
public final class RunFolder {
    /** The model file that {@code predict} and {@code info} look for in a run. */
    public static final String MODEL = "model.safetensors";

    private static final Path RUNS = Path.of("runs");
    private static final String SETTINGS = "settings.json";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private final Path path;

    private RunFolder(Path path) {
        this.path = path;
    }

    /** Makes a folder for a new run; one that a failed run left without a model or checkpoint is used again. */
    public static RunFolder create(Path wanted, String recipe) throws IOException {
        Path path = wanted == null ? unused(recipe) : wanted;
        if (Files.exists(path.resolve(MODEL)) || Checkpoint.exists(path.resolve(checkpointName(recipe)))) {
            throw new IllegalArgumentException(
                    path + " holds a run already; go on with it by --resume, or choose another --out");
        }
        try {
            Files.createDirectories(path);
        } catch (FileSystemException e) {
            throw new IOException("cannot make the folder " + path + ": " + FileFailure.reason(e), e);
        }
        return new RunFolder(path);
    }

    private static Path unused(String recipe) {
        String name = recipe + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(TIME);
        Path path = RUNS.resolve(name);
        for (int i = 2; Files.exists(path); i++) {
            path = RUNS.resolve(name + "-" + i);
        }
        return path;
    }

    /** The folder of a run that was begun. */
    public static RunFolder open(Path path, String recipe) {
        if (!Files.isRegularFile(path.resolve(SETTINGS))) {
            throw new IllegalArgumentException(path + " holds no run to go on with; leave out --resume to begin one");
        }
        if (!Files.isDirectory(path.resolve(checkpointName(recipe)))) {
            throw new IllegalArgumentException(
                    path + " holds no checkpoint of a run of 'train " + recipe + "'; it may be a run of another kind");
        }
        return new RunFolder(path);
    }

    /** The latest run of a recipe under {@code runs/}. */
    public static RunFolder latest(String recipe) throws IOException {
        Optional<Path> latest = Optional.empty();
        if (Files.isDirectory(RUNS)) {
            try (Stream<Path> runs = Files.list(RUNS)) {
                latest = runs.filter(run -> Files.isDirectory(run.resolve(checkpointName(recipe))))
                        .max(Comparator.comparing(run -> run.toFile().lastModified()));
            }
        }
        return open(
                latest.orElseThrow(() -> new IllegalArgumentException("there is no run of 'train " + recipe + "' under "
                        + RUNS + " to go on with; name its folder with --out")),
                recipe);
    }

    private static String checkpointName(String recipe) {
        return "checkpoint-" + recipe;
    }

    public Path path() {
        return path;
    }

    public Path file(String name) {
        return path.resolve(name);
    }

    public Path model() {
        return path.resolve(MODEL);
    }

    public Path checkpoint(String recipe) {
        return path.resolve(checkpointName(recipe));
    }

    /** Keeps what fixes the run, and makes the place of its checkpoints. */
    public void begin(String recipe, Object settings) throws IOException {
        Files.createDirectories(checkpoint(recipe));
        write(SETTINGS, RecipeJson.write(settings) + "\n");
    }

    public <V> V settings(Class<V> type) throws IOException {
        Path file = path.resolve(SETTINGS);
        return RecipeJson.read(file.toString(), Files.readString(file), type);
    }

    /** Replaces a file by a text as a whole. */
    public void write(String name, String text) throws IOException {
        Path file = path.resolve(name);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            AtomicFile.write(file, out -> out.write(bytes));
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": " + FileFailure.reason(e), e);
        }
    }

    /** Writes a table as CSV. */
    public void writeTable(String name, List<String> header, List<List<String>> rows) throws IOException {
        write(name, csv(header, rows));
    }

    /** A table as CSV. */
    public static String csv(List<String> header, List<List<String>> rows) throws IOException {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            csv.writeRecord(header);
            rows.forEach(csv::writeRecord);
        }
        return text.toString();
    }
}
