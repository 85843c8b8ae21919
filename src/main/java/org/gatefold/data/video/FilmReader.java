package org.gatefold.data.video;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.gatefold.data.image.ImageFolder;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageWish;
import org.gatefold.data.image.PictureTable;
import org.gatefold.data.image.RasterImage;
import org.gatefold.data.media.FfmpegStream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.FileLabels;
import org.gatefold.file.DataStream;
import org.gatefold.file.FolderFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads films as a {@link FilmTable}: of a folder, a video file alone, or CSV with a film a line. Immutable and thread-safe: options
 * return a changed copy.
 *
 * <p>In a folder, every folder of pictures is a film, its frames in the order of their names by number, and so is every video file
 * (MP4, AVI, MKV, MOV, WebM, GIF), which FFmpeg decodes through JavaCPP if that is on the class path. The class of a film is what
 * {@link #labels} finds in its name, or else the first folder on the way to it. Films that cannot be decoded are left out with a
 * warning that counts them.
 *
 * <p>CSV has the columns {@code label}, {@code height}, {@code width} and {@code frames}: frames between blanks, of a hexadecimal digit
 * for each grey pixel.
 */
public final class FilmReader {
    /** Frames of a film where nothing is said. */
    public static final int MOST_FRAMES = 32;

    private static final Logger LOG = LoggerFactory.getLogger(FilmReader.class);
    private static final Set<String> FILES = Set.of("mp4", "avi", "mkv", "mov", "webm", "gif", "mpg", "mpeg", "m4v");
    private static final int LOOKED_AT = 16;
    private static final double ROUNDING = 0.01;
    private static final int HEX = 16;
    private static final int GREY_STEP = 17;

    private final ImageWish wish;
    private final int most;
    private final double rate;
    private final Pattern labels;

    private FilmReader(ImageWish wish, int most, double rate, Pattern labels) {
        this.wish = wish;
        this.most = most;
        this.rate = rate;
        this.labels = labels;
    }

    public static FilmReader create() {
        return new FilmReader(ImageWish.NONE, MOST_FRAMES, 0, null);
    }

    /** How many channels frames are brought to: 1 for grey or 3 for red, green and blue; 0 for as many as the first. */
    public FilmReader channels(int count) {
        return new FilmReader(wish.channels(count), most, rate, labels);
    }

    /** The size that frames are brought to; 0 by 0 for that of the first. */
    public FilmReader size(int rows, int columns) {
        return new FilmReader(wish.size(rows, columns), most, rate, labels);
    }

    /** How many frames of a film are kept at most, evenly over it. */
    public FilmReader frames(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("frames: expected at least 1, got " + count);
        }
        return new FilmReader(wish, count, rate, labels);
    }

    /**
     * How many frames of a second are looked at of video files, so that films of several rates are told by the same pace; 0 for all. Frames
     * are left out and none made; pictures in folders have no time, and are taken as they are.
     */
    public FilmReader rate(double framesOfASecond) {
        if (!(framesOfASecond >= 0) || Double.isInfinite(framesOfASecond)) {
            throw new IllegalArgumentException("rate: expected at least 0, got " + framesOfASecond);
        }
        return new FilmReader(wish, most, framesOfASecond, labels);
    }

    /** Where the class is in the name of a film, with {@code /} between folders: the first group, or all that is found; null for nowhere. */
    public FilmReader labels(Pattern pattern) {
        return new FilmReader(wish, most, rate, pattern);
    }

    /** What frames are brought to: found by the first one. One thread. */
    private final class Frames {
        private ImageSize size;

        byte[] bytes(RasterImage image) {
            size = size == null ? wish.of(image) : size;
            return size.bytes(image);
        }

        FilmTable table(String source, List<PictureTable.Entry> films) {
            return new FilmTable(source, size, films);
        }
    }

    /**
     * Reads a folder.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if there is no sound film, if a film has no class while others have one, or if video files
     *     need a decoder that is not there
     */
    public FilmTable read(Path folder) throws IOException {
        Map<Path, List<Path>> films = films(folder);
        Frames frames = new Frames();
        List<PictureTable.Entry> entries = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (Map.Entry<Path, List<Path>> film : films.entrySet()) {
            String name = folder.relativize(film.getKey()).toString().replace('\\', '/');
            try {
                List<byte[]> decoded = film.getKey().equals(film.getValue().get(0))
                        ? decoded(film.getKey(), frames)
                        : pictures(film.getValue(), frames);
                entries.add(new PictureTable.Entry(name, film.getKey().toString(), label(name), decoded));
            } catch (IllegalArgumentException e) {
                damaged.add(e.getMessage());
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(folder
                    + ": expected films: folders of pictures, or video files; found none"
                    + (damaged.isEmpty() ? "" : " that is sound among " + damaged.size() + "; " + damaged.get(0)));
        }
        if (!damaged.isEmpty()) {
            LOG.warn("{} of {} films are left out: {}", damaged.size(), films.size(), String.join("; ", damaged));
        }
        FileLabels.requireAllOrNone(entries, PictureTable.Entry::label, PictureTable.Entry::where);
        return frames.table(folder.toString(), entries);
    }

    /** The class of a film; null for none. */
    private String label(String name) {
        return FileLabels.by(labels).of(name);
    }

    /** The files of each film, by its own path, in the order of names. */
    private static Map<Path, List<Path>> films(Path folder) throws IOException {
        Map<String, Path> found = new TreeMap<>(NaturalOrder.BY_NUMBERS);
        for (Path file : files(folder)) {
            found.put(folder.relativize(file).toString(), file);
        }
        Map<Path, List<Path>> films = new LinkedHashMap<>();
        for (Path file : found.values()) {
            films.computeIfAbsent(isVideo(file) ? file : file.getParent(), film -> new ArrayList<>())
                    .add(file);
        }
        return films;
    }

    private static boolean isVideo(Path file) {
        return FILES.contains(FolderFiles.ending(file));
    }

    /** The files of all films of a folder. */
    public static List<Path> files(Path folder) throws IOException {
        return ImageFolder.files(folder, FILES);
    }

    private List<byte[]> pictures(List<Path> files, Frames frames) throws IOException {
        List<byte[]> decoded = new ArrayList<>();
        for (Path file : FrameSampler.evenly(files, most)) {
            decoded.add(frames.bytes(RasterImage.read(file)));
        }
        return decoded;
    }

    private List<byte[]> decoded(Path file, Frames frames) {
        FrameSampler sampler = new FrameSampler(most);
        try (FfmpegDecoder decoder = new FfmpegDecoder(file)) {
            Pace pace = new Pace();
            decoder.frames(seconds -> pace.takes(seconds) && sampler.wantsNext(), image -> {
                if (pace.taken) {
                    sampler.add(image == null ? null : frames.bytes(image));
                }
            });
        } catch (LinkageError e) {
            throw FfmpegStream.missing(file, e);
        }
        return sampler.frames();
    }

    /** Takes frames of a film at the rate, the first among them. One thread. */
    private final class Pace {
        private double begin = Double.NaN;
        private long count;
        private boolean taken;

        /** Whether the next frame is taken, which is shown then; one whose time is not known always is. */
        boolean takes(double seconds) {
            begin = Double.isNaN(begin) ? seconds : begin;
            // Times are whole parts of a second that a rate need not fit into.
            taken = rate == 0 || Double.isNaN(seconds) || (seconds - begin) * rate >= count - ROUNDING;
            count = taken ? Math.max(count + 1, (long) Math.floor((seconds - begin) * rate + ROUNDING) + 1) : count;
            return taken;
        }
    }

    /**
     * Reads a video file or CSV of a stream, and closes it.
     *
     * @param source the name for messages
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is neither, or damaged
     */
    public FilmTable read(String source, InputStream stream) throws IOException {
        try (DataStream data = DataStream.of(source, stream, 0);
                BufferedInputStream bytes = new BufferedInputStream(data)) {
            bytes.mark(LOOKED_AT);
            byte[] first = bytes.readNBytes(LOOKED_AT);
            bytes.reset();
            return isText(first) ? lines(CsvTable.read(source, bytes)) : single(source, bytes);
        }
    }

    private static boolean isText(byte... first) {
        for (byte b : first) {
            if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return !new String(first, StandardCharsets.ISO_8859_1).startsWith("GIF8");
    }

    private FilmTable single(String source, InputStream bytes) throws IOException {
        Path file = Files.createTempFile("gatefold-", ".video");
        try {
            Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
            Frames frames = new Frames();
            List<byte[]> decoded = decoded(file, frames);
            return frames.table(source, List.of(new PictureTable.Entry(source, source, null, decoded)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage().replace(file.toString(), source), e);
        } finally {
            Files.delete(file);
        }
    }

    private FilmTable lines(CsvTable table) {
        double[] heights = table.numbers("height");
        double[] widths = table.numbers("width");
        List<String> films = table.text("frames");
        List<String> classes = table.has(FilmTable.LABEL) ? table.text(FilmTable.LABEL) : null;
        Frames frames = new Frames();
        List<PictureTable.Entry> entries = new ArrayList<>();
        for (int row = 0; row < table.rows(); row++) {
            String where = table.where(row, "frames");
            int rows = (int) heights[row];
            int columns = (int) widths[row];
            List<byte[]> decoded = new ArrayList<>();
            for (String frame :
                    FrameSampler.evenly(List.of(films.get(row).strip().split("\\s+")), most)) {
                decoded.add(frames.bytes(grey(frame, rows, columns, where)));
            }
            entries.add(new PictureTable.Entry(
                    table.rowName(row), where, classes == null ? null : classes.get(row), decoded));
        }
        return frames.table(table.source(), entries);
    }

    private static RasterImage grey(String digits, int rows, int columns, String where) {
        if (rows < 1 || columns < 1 || (long) rows * columns != digits.length()) {
            throw new IllegalArgumentException(where + ": expected " + rows + " times " + columns
                    + " hexadecimal digits in each frame, got " + digits.length());
        }
        float[] pixels = new float[digits.length()];
        for (int i = 0; i < pixels.length; i++) {
            int grey = Character.digit(digits.charAt(i), HEX);
            if (grey < 0) {
                throw new IllegalArgumentException(
                        where + ": expected hexadecimal digits, got '" + digits.charAt(i) + "'");
            }
            pixels[i] = grey * GREY_STEP / 255f;
        }
        return new RasterImage(1, rows, columns, pixels);
    }
}
