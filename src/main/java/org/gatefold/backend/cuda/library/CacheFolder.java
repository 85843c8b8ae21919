package org.gatefold.backend.cuda.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where this backend keeps files that it can make again: the user's cache folder. Stateless. */
public final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

    private CacheFolder() {}

    /** The folder {@code gatefold/NAME} under {@code XDG_CACHE_HOME}, or under {@code ~/.cache} where that is not set. */
    static Path of(String name) {
        String cacheHome = System.getenv("XDG_CACHE_HOME");
        Path home = cacheHome == null || cacheHome.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(cacheHome);
        return home.resolve("gatefold").resolve(name);
    }

    /** The folder that a system property names, or {@link #of} where it names none. */
    public static Path chosen(String property, String name) {
        String chosen = System.getProperty(property, "").trim();
        return chosen.isEmpty() ? of(name) : Path.of(chosen);
    }

    /**
     * Writes a file by way of a temporary one that is renamed, so that any number of processes may write and read it. A
     * folder that cannot be written is no error: the file is then made again in every process.
     */
    public static void write(Path file, byte[]... parts) {
        Path folder = file.toAbsolutePath().getParent();
        Path temporary = null;
        try {
            Files.createDirectories(folder);
            temporary = Files.createTempFile(folder, "gatefold", ".part");
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                for (byte[] part : parts) {
                    writeFully(channel, part);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.info("nothing is kept in {}: {}", folder, e.toString());
            delete(temporary);
        }
    }

    private static void writeFully(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Deletes a file if there is one; says in the log if that fails. */
    public static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.info("{} cannot be deleted: {}", file, e.toString());
        }
    }
}
