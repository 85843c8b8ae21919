package org.gatefold.file;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * An open zip file of somebody else's. Names that lead outside it or stand twice, and more entries than any model has, are refused when it is
 * opened; an entry is read to the length that it claims and no further, which may be a part of the Java heap at most. Nothing is ever
 * unpacked to the disk. Owns the open file. One thread at a time.
 */
public final class Archive implements AutoCloseable {
    private static final int MOST_ENTRIES = 100_000;

    /** Share of the Java heap that one entry may take. */
    private static final int SHARE = 4;

    private final String path;
    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private Archive(Path path, ZipFile zip) {
        this.path = path.toString();
        this.zip = zip;
    }

    /**
     * Opens a zip file and checks the names in it.
     *
     * @throws FileException if it is none, or has names that no archive should have
     * @throws IOException if it cannot be read
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here
    public static Archive open(Path path) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException | IllegalArgumentException e) {
            throw new FileException(
                    path.toString(), "", "is no zip archive, or is damaged: " + FileException.reason(e), e);
        }
        Archive archive = new Archive(path, zip);
        try {
            archive.list();
            return archive;
        } catch (RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private void list() {
        if (zip.size() > MOST_ENTRIES) {
            throw wrong(
                    "", String.format(Locale.ROOT, "has %,d entries; expected at most %,d", zip.size(), MOST_ENTRIES));
        }
        zip.stream().forEach(entry -> {
            String name = entry.getName();
            if (name.startsWith("/")
                    || name.contains("\\")
                    || List.of(name.split("/")).contains("..")) {
                throw wrong(name, "leads outside the archive");
            }
            if (entries.put(name, entry) != null) {
                throw wrong(name, "stands in the archive twice");
            }
        });
    }

    /** The names of the entries, in the order of the archive. */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /** Whether there is an entry of a name. */
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    /**
     * What an entry claims to have, unpacked.
     *
     * @throws FileException if there is no such entry
     */
    public long size(String name) {
        return entry(name).getSize();
    }

    /**
     * The bytes of an entry.
     *
     * @throws FileException if there is no such entry, if it is longer than a quarter of the Java heap, or than it claims
     * @throws IOException if it cannot be read
     */
    public byte[] bytes(String name) throws IOException {
        return bytes(name, Runtime.getRuntime().maxMemory() / SHARE);
    }

    /**
     * As {@link #bytes(String)}.
     *
     * @param most bytes that it may have
     */
    public byte[] bytes(String name, long most) throws IOException {
        ZipEntry entry = entry(name);
        long limit = Math.min(most, Integer.MAX_VALUE - 8L);
        long size = entry.getSize();
        if (size < 0 || size > limit) {
            throw wrong(name, String.format(Locale.ROOT, "has %,d bytes; expected at most %,d", size, limit));
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) size);
            if (bytes.length < size || in.read() >= 0) {
                throw wrong(name, "is not of the " + size + " bytes that the archive says it has");
            }
            return bytes;
        } catch (ZipException e) {
            throw new FileException(path, named(name), "is damaged: " + FileException.reason(e), e);
        }
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new FileException(path, "", "expected an entry '" + name + "', found none", null);
        }
        return entry;
    }

    private FileException wrong(String name, String problem) {
        return new FileException(path, named(name), problem, null);
    }

    private static String named(String name) {
        return name.isEmpty() ? "" : "entry '" + name + "'";
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
