package org.gatefold.data.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.FileLabels;
import org.gatefold.file.DataStream;
import org.gatefold.file.FileFailure;
import org.gatefold.file.NamedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads recordings as an {@link AudioTable}: of a folder, of a list of files, a recording alone, or CSV with a recording a line.
 * Immutable and thread-safe: options return a changed copy.
 *
 * <p>In a folder, the class of a recording is what {@link #labels} finds in its name, or else the first folder on the way to it. A list is
 * CSV, with tabs or commas, with a column {@code path}, from the folder of the list on, and perhaps one {@code label}, or {@code text} for what
 * is said. Several paths with {@value #JOINED} between them are files one after the other, as one recording. Recordings that cannot be decoded are left out with a warning that counts and names them. Features of files are computed by all processors, and kept
 * on the disk.
 *
 * <p>CSV with a recording a line has the columns {@code rate} in Hz, {@code samples}, two hexadecimal digits for each, 80 for silence as in
 * WAV of 8 bits, and perhaps {@code label} or {@code text}.
 */
public final class AudioReader {
    /** Rates above are brought down to it where none is said: speech has little above half of it. */
    public static final int MOST_RATE = 16_000;

    private static final Logger LOG = LoggerFactory.getLogger(AudioReader.class);
    private static final String PATH = "path";
    private static final String TEXT = "text";
    private static final String JOINED = "|";
    private static final String RATE = "rate";
    private static final String SAMPLES = "samples";
    private static final int LOOKED_AT = 4096;
    private static final int HEX = 16;
    private static final float SILENCE = 128;

    private final Wish wish;
    private final Pattern labels;
    private final FeatureCache cache;

    private AudioReader(Wish wish, Pattern labels, FeatureCache cache) {
        this.wish = wish;
        this.labels = labels;
        this.cache = cache;
    }

    /**
     * How features are computed.
     *
     * @param rate 0 for that of the first recording
     * @param window milliseconds that a step looks at
     * @param hop milliseconds from a step to the next
     * @param streamed whether a step is known once its window has come
     */
    private record Wish(int rate, double window, double hop, int bands, boolean streamed) {
        LogMel of(int firstRate) {
            return new LogMel(rate > 0 ? rate : Math.min(firstRate, MOST_RATE), window, hop, bands, streamed);
        }
    }

    /** Steps of 10 ms that look at 25 ms, of 40 mel bands. */
    public static AudioReader create() {
        return new AudioReader(new Wish(0, 25, 10, 40, false), null, FeatureCache.ofThisUser());
    }

    /** The rate that recordings are brought to; 0 for that of the first, or {@value #MOST_RATE} if that is less. */
    public AudioReader rate(int hertz) {
        return new AudioReader(new Wish(hertz, wish.window, wish.hop, wish.bands, wish.streamed), labels, cache);
    }

    /** The time that a step looks at, and that from a step to the next, in milliseconds. */
    public AudioReader steps(double windowMillis, double hopMillis) {
        return new AudioReader(new Wish(wish.rate, windowMillis, hopMillis, wish.bands, wish.streamed), labels, cache);
    }

    /** Mel bands of a step. */
    public AudioReader bands(int count) {
        return new AudioReader(new Wish(wish.rate, wish.window, wish.hop, count, wish.streamed), labels, cache);
    }

    /** Whether features are to be {@link LogMel#streamed}. */
    public AudioReader streamed(boolean value) {
        return new AudioReader(new Wish(wish.rate, wish.window, wish.hop, wish.bands, value), labels, cache);
    }

    /** Where the class is in the name of a file, with {@code /} between folders: the first group, or all that is found; null for nowhere. */
    public AudioReader labels(Pattern pattern) {
        return new AudioReader(wish, pattern, cache);
    }

    /** Another cache than the user's own. */
    AudioReader cache(FeatureCache other) {
        return new AudioReader(wish, labels, other);
    }

    /** A recording that is to be read, of one file or of several one after the other. */
    private record Listed(String name, List<Path> files, String label) {
        Listed(String name, Path file, String label) {
            this(name, List.of(file), label);
        }

        /** Where it stands, for messages. */
        String where() {
            return files.stream().map(Path::toString).collect(Collectors.joining(JOINED));
        }
    }

    /** What became of a file: one of both is null. */
    private record Outcome(AudioTable.Entry entry, RuntimeException failure) {}

    /**
     * Reads a folder, or the recordings of a list.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if there is no sound recording, or if one has no class while others have one
     * @throws IllegalStateException if a library is needed that is not on the class path
     */
    public AudioTable read(Path from) throws IOException {
        return read(from.toString(), Files.isDirectory(from) ? inFolder(from) : inList(from));
    }

    private List<Listed> inFolder(Path folder) throws IOException {
        List<Listed> listed = new ArrayList<>();
        for (Path file : AudioFile.in(folder)) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            listed.add(new Listed(name, file, FileLabels.by(labels).of(name)));
        }
        return listed;
    }

    private List<Listed> inList(Path list) throws IOException {
        CsvTable table = CsvTable.read(list);
        List<String> paths = table.text(PATH);
        List<String> classes = said(table);
        List<Listed> listed = new ArrayList<>();
        for (int row = 0; row < table.rows(); row++) {
            List<Path> files = new ArrayList<>();
            for (String path : paths.get(row).split(Pattern.quote(JOINED), -1)) {
                Path file = list.resolveSibling(path.strip());
                if (!Files.isRegularFile(file)) {
                    throw new IllegalArgumentException(
                            table.where(row, PATH) + ": expected a recording, got '" + path + "', which is no file");
                }
                files.add(file);
            }
            String label = classes == null && labels != null
                    ? FileLabels.by(labels).of(paths.get(row))
                    : classes == null ? null : classes.get(row);
            listed.add(new Listed(paths.get(row), files, label));
        }
        return listed;
    }

    /** The classes or texts of a table; null for none. */
    private static List<String> said(CsvTable table) {
        for (String column : new String[] {AudioTable.LABEL, TEXT}) {
            if (table.has(column)) {
                return table.text(column);
            }
        }
        return null;
    }

    /** True of a folder, and of a list of recordings. */
    public static boolean isSeveral(Path path) {
        if (Files.isDirectory(path)) {
            return true;
        }
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (DataStream stream = DataStream.of(path, 0)) {
            byte[] first = stream.readNBytes(LOOKED_AT);
            String line = new String(first, StandardCharsets.UTF_8).split("\\R", 2)[0];
            return !AudioFile.isSound(first)
                    && List.of(line.toLowerCase(Locale.ROOT)
                                    .replaceAll("[\"\\uFEFF]", "")
                                    .split("[,;\t]"))
                            .contains(PATH);
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The files that a folder or a list is made of. */
    public static List<Path> files(Path from) throws IOException {
        if (Files.isDirectory(from)) {
            return AudioFile.in(from);
        }
        List<Path> files = new ArrayList<>(List.of(from));
        create().inList(from).forEach(listed -> files.addAll(listed.files()));
        return files;
    }

    private AudioTable read(String source, List<Listed> listed) {
        LogMel way = wish.of(wish.rate > 0 ? wish.rate : firstRate(listed));
        Progress progress = new Progress(source, listed.size());
        List<Outcome> outcomes = listed.parallelStream()
                .map(one -> {
                    Outcome outcome = outcome(way, one);
                    progress.done();
                    return outcome;
                })
                .toList();
        List<AudioTable.Entry> entries = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome.failure() == null) {
                entries.add(outcome.entry());
            } else if (outcome.failure() instanceof IllegalArgumentException e) {
                damaged.add(e.getMessage());
            } else {
                throw outcome.failure();
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected recordings (WAV, FLAC, MP3, Ogg), found none"
                    + (damaged.isEmpty() ? "" : " that is sound among " + damaged.size() + "; " + damaged.get(0)));
        }
        if (!damaged.isEmpty()) {
            LOG.warn("{} of {} recordings are left out: {}", damaged.size(), listed.size(), String.join("; ", damaged));
        }
        FileLabels.requireAllOrNone(entries, AudioTable.Entry::label, AudioTable.Entry::where);
        return new AudioTable(source, way, entries);
    }

    private static int firstRate(List<Listed> listed) {
        for (Listed one : listed) {
            try {
                return AudioFile.read(one.files().get(0)).rate();
            } catch (IOException | IllegalArgumentException e) {
                LOG.debug("{} tells no rate", one.name(), e);
            }
        }
        return MOST_RATE;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + FileFailure.reason(e), e);
        }
    }

    /** Failures are brought to the thread that asked: another would wrap them. */
    private Outcome outcome(LogMel way, Listed listed) {
        try {
            List<byte[]> contents =
                    listed.files().stream().map(AudioReader::bytes).toList();
            String key = FeatureCache.key(way.description(), contents);
            float[][] features = cache.find(key);
            if (features == null || features[0].length != way.bands()) {
                features = features(way, joined(way.rate(), listed.files(), contents));
                cache.keep(key, features);
            }
            return new Outcome(new AudioTable.Entry(listed.name(), listed.where(), listed.label(), features), null);
        } catch (IllegalArgumentException | IllegalStateException e) {
            return new Outcome(null, e);
        }
    }

    /** Files one after the other; one alone at a rate of its own. */
    private static Recording joined(int rate, List<Path> files, List<byte[]> contents) {
        if (files.size() == 1) {
            return AudioFile.read(files.get(0), contents.get(0));
        }
        List<float[]> parts = new ArrayList<>();
        int count = 0;
        for (int i = 0; i < files.size(); i++) {
            parts.add(AudioFile.read(files.get(i), contents.get(i)).at(rate).samples());
            count += parts.get(i).length;
        }
        float[] samples = new float[count];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, samples, at, part.length);
            at += part.length;
        }
        return new Recording(rate, samples);
    }

    private static float[][] features(LogMel way, Recording recording) {
        try {
            return way.of(recording);
        } catch (LinkageError e) {
            throw withoutTransforms(e);
        }
    }

    /** That JTransforms is missing. */
    static IllegalStateException withoutTransforms(LinkageError cause) {
        return new IllegalStateException(
                "expected JTransforms to compute features, com.github.wendykierp:JTransforms on the class path, got none",
                cause);
    }

    /**
     * Reads a recording alone, or CSV with one a line, of a stream, and closes it.
     *
     * @param source the name for messages
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is neither, or damaged
     * @throws IllegalStateException if a library is needed that is not on the class path
     */
    public AudioTable read(String source, InputStream stream) throws IOException {
        try (DataStream data = DataStream.of(source, stream, 0);
                BufferedInputStream bytes = new BufferedInputStream(data, LOOKED_AT)) {
            byte[] first = DataStream.peek(bytes, LOOKED_AT);
            return AudioFile.isSound(first)
                    ? read(List.of(new NamedBytes(source, bytes.readAllBytes())))
                    : lines(CsvTable.read(source, bytes));
        }
    }

    /**
     * Recordings whose files are in memory, none of which has a class.
     *
     * @param files at least one; the first tells the rate where none is said
     * @throws IOException if a file in between, for FFmpeg, cannot be written
     * @throws IllegalArgumentException naming one that is damaged
     * @throws IllegalStateException if a library is needed that is not on the class path
     */
    public AudioTable read(List<NamedBytes> files) throws IOException {
        LogMel way = null;
        List<AudioTable.Entry> entries = new ArrayList<>();
        for (NamedBytes file : files) {
            Recording recording = recording(file);
            way = way == null ? wish.of(recording.rate()) : way;
            entries.add(new AudioTable.Entry(file.name(), file.name(), null, features(way, recording)));
        }
        return new AudioTable(files.get(0).name(), way, entries);
    }

    private static Recording recording(NamedBytes bytes) throws IOException {
        Path file = Files.createTempFile("gatefold-", ".audio");
        try {
            Files.write(file, bytes.bytes());
            return AudioFile.read(file, bytes.bytes());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException(e.getMessage().replace(file.toString(), bytes.name()), e);
        } finally {
            Files.delete(file);
        }
    }

    private AudioTable lines(CsvTable table) {
        double[] rates = table.numbers(RATE);
        List<String> samples = table.text(SAMPLES);
        List<String> classes = said(table);
        LogMel way = null;
        List<AudioTable.Entry> entries = new ArrayList<>();
        for (int row = 0; row < table.rows(); row++) {
            String where = table.where(row, SAMPLES);
            if (rates[row] != Math.rint(rates[row]) || rates[row] < 1 || rates[row] > Recording.MOST_RATE) {
                throw new IllegalArgumentException(
                        table.where(row, RATE) + ": expected a rate in Hz, got " + rates[row]);
            }
            Recording recording = new Recording((int) rates[row], samples(samples.get(row), where));
            way = way == null ? wish.of(recording.rate()) : way;
            String label = classes == null ? null : classes.get(row);
            entries.add(new AudioTable.Entry(table.rowName(row), where, label, features(way, recording)));
        }
        return new AudioTable(table.source(), way, entries);
    }

    private static float[] samples(String digits, String where) {
        if (digits.isEmpty() || digits.length() % 2 != 0) {
            throw new IllegalArgumentException(
                    where + ": expected two hexadecimal digits for each sample, got " + digits.length());
        }
        float[] samples = new float[digits.length() / 2];
        for (int i = 0; i < samples.length; i++) {
            int high = Character.digit(digits.charAt(2 * i), HEX);
            int low = Character.digit(digits.charAt(2 * i + 1), HEX);
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException(
                        where + ": expected hexadecimal digits, got '" + digits.substring(2 * i, 2 * i + 2) + "'");
            }
            samples[i] = (high * HEX + low - SILENCE) / SILENCE;
        }
        return samples;
    }
}
