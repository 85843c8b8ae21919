package org.gatefold.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.gatefold.file.Archive;
import org.gatefold.file.FileException;

/** Zip archives, whole in themselves, with an entry that has some bytes changed. */
public final class DamagedArchive {
    private DamagedArchive() {}

    /** What is done with each. */
    @FunctionalInterface
    public interface Use {
        void of(Path file) throws IOException;
    }

    /**
     * Makes archives one after the other, the same at every call.
     *
     * @param ending of the name of the entry that is damaged
     */
    public static void each(Path whole, String ending, Path file, int count, Use use) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (Archive archive = Archive.open(whole)) {
            for (String name : archive.names()) {
                entries.put(name, archive.bytes(name));
            }
        }
        Random random = new Random(3);
        for (int i = 0; i < count; i++) {
            try (OutputStream out = Files.newOutputStream(file);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    byte[] bytes = entry.getValue().clone();
                    if (entry.getKey().endsWith(ending)) {
                        for (int k = 0; k <= i % 4; k++) {
                            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                        }
                    }
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(bytes, 0, i % 7 == 0 ? random.nextInt(bytes.length) : bytes.length);
                }
            }
            use.of(file);
        }
    }

    /** What {@link FileException}s say when archives as of {@link #each} are read; others may be read well. */
    public static List<String> complaints(Path whole, String ending, Path file, int count, Use read)
            throws IOException {
        List<String> complaints = new ArrayList<>();
        each(whole, ending, file, count, damaged -> {
            try {
                read.of(damaged);
            } catch (FileException e) {
                complaints.add(e.getMessage());
            }
        });
        return complaints;
    }
}
