package org.gatefold.recipe;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
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
import org.gatefold.file.FolderLock;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.train.checkpoint.Checkpoint;

/**
 * The folder of a training run and the names of the files in it: {@code settings.json}, {@code checkpoint/}, {@code
 * model.safetensors}, {@code metrics.json}, {@code history.csv}, and what the recipe adds. Held by one run
 * at a time. One thread.
 */
public final class RunFolder {
    /** The model file that {@code predict} and {@code info} look for in a run. */
    public static final String MODEL = "model.safetensors";

    private static final Path RUNS = Path.of("runs");
    private static final String SETTINGS = "settings.json";
    private static final String METRICS = "metrics.json";
    private static final String PAGE = "report.html";
    private static final int MOST_BYTES = 64 << 20;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    private final Path path;
    private final String recipe;
    private FolderLock lock;

    private RunFolder(Path path, String recipe) {
        this.path = path;
        this.recipe = recipe;
    }

    /**
     * Makes a folder for a new run, and holds it; one that a failed run left without a model or checkpoint is used again.
     *
     * @param wanted null for a new folder under {@code runs/}
     * @param recipe name of the recipe
     * @throws IllegalArgumentException if the folder holds a run already, or is held by another
     */
    static RunFolder create(Path wanted, String recipe) throws IOException {
        Path path = wanted;
        try {
            if (path == null) {
                path = unused(recipe);
            }
            Files.createDirectories(path);
        } catch (FileSystemException e) {
            throw new IOException("cannot make the folder " + path + ": " + FileFailure.reason(e), e);
        }
        RunFolder folder = new RunFolder(path, recipe);
        folder.hold();
        if (Files.exists(folder.model()) || Checkpoint.exists(folder.checkpoint())) {
            folder.release();
            throw new IllegalArgumentException(
                    path + " holds a run already; go on with it by --resume, or choose another --out");
        }
        return folder;
    }

    /** Makes a folder of its own for a run, however many begin at the same time. */
    private static Path unused(String recipe) throws IOException {
        Files.createDirectories(RUNS);
        String name = recipe + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(TIME);
        Path path = RUNS.resolve(name);
        for (int i = 2; !makes(path); i++) {
            path = RUNS.resolve(name + "-" + i);
        }
        return path;
    }

    private static boolean makes(Path path) throws IOException {
        try {
            Files.createDirectory(path);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /**
     * Keeps other runs out of the folder, those of other processes too, until {@link #release} or the end of the process.
     *
     * @throws IllegalArgumentException if another run is in it
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by release()
    void hold() throws IOException {
        try {
            lock = FolderLock.take(path);
        } catch (IOException e) {
            throw new IOException("cannot lock " + path + ": " + FileFailure.reason(e), e);
        }
        if (lock == null) {
            throw new IllegalArgumentException(
                    path + ": a run is going on in it; wait until it has ended, or choose another --out");
        }
    }

    /** Lets other runs in. */
    void release() throws IOException {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    /**
     * The folder of a run that was begun.
     *
     * @throws IllegalArgumentException if it holds none, or one of another recipe
     */
    public static RunFolder open(Path path, String recipe) {
        if (!Files.isRegularFile(path.resolve(SETTINGS))) {
            throw new IllegalArgumentException(path + " holds no run to go on with; leave out --resume to begin one");
        }
        if (!Files.isDirectory(path.resolve(checkpointName(recipe)))) {
            throw new IllegalArgumentException(
                    path + " holds no checkpoint of a run of 'train " + recipe + "'; it may be a run of another kind");
        }
        return new RunFolder(path, recipe);
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

    /** The folder itself. */
    public Path path() {
        return path;
    }

    /** A file in it. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Where the model is once it is trained. */
    public Path model() {
        return path.resolve(MODEL);
    }

    /** Where checkpoints are. */
    public Path checkpoint() {
        return path.resolve(checkpointName(recipe));
    }

    /** Where checkpoints are of training anew on all rows. */
    Path secondCheckpoint() {
        return path.resolve(checkpointName(recipe) + "-all");
    }

    /** Where checkpoints are of training anew in the course of the test part, counted from 1. */
    Path walkCheckpoint(int number) {
        return path.resolve(checkpointName(recipe) + "-walk-" + number);
    }

    /**
     * Where checkpoints are of a fold of cross-validation, counted from 1.
     *
     * @param all whether of training anew on all rows but the fold's
     */
    Path foldCheckpoint(int number, boolean all) {
        return path.resolve(checkpointName(recipe) + "-fold-" + number + (all ? "-all" : ""));
    }

    /** Where checkpoints are of a member, counted from 0; of the first where those of a model of one are. */
    static Path ofMember(Path checkpoint, int member) {
        return member == 0
                ? checkpoint
                : checkpoint.resolveSibling(checkpoint.getFileName() + "-member-" + (member + 1));
    }

    /** Keeps what fixes the run, and makes the place of its checkpoints. */
    void begin(String settings) throws IOException {
        Files.createDirectories(checkpoint());
        write(SETTINGS, settings);
    }

    /**
     * What {@link #begin} kept.
     *
     * @throws org.gatefold.file.FileException if it is no JSON object
     */
    JsonFields settings() throws IOException {
        return JsonFields.read(path.resolve(SETTINGS), MOST_BYTES);
    }

    /** Writes the scores, the last file of a run but for pictures. */
    void finish(String metrics) throws IOException {
        write(METRICS, metrics);
    }

    /** Writes the page for people. */
    public void writePage(String html) throws IOException {
        write(PAGE, html);
    }

    /**
     * The scores of the run that a model comes from; empty if they are not beside it.
     *
     * @throws org.gatefold.file.FileException if they are too long to be that, or no text
     */
    public static Optional<String> metrics(Path model) throws IOException {
        Path file = model.resolveSibling(METRICS);
        return Files.exists(file) ? Optional.of(Json.text(file, MOST_BYTES).strip()) : Optional.empty();
    }

    /** True if the run has come to its end. */
    public boolean isFinished() {
        return Files.exists(model()) && Files.exists(path.resolve(METRICS));
    }

    /** Replaces a file by a text as a whole. */
    private void write(String name, String text) throws IOException {
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
