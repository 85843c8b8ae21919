package org.gatefold.backend.cuda.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.gatefold.device.UserCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this backend keeps files that it can make again: the user's cache folder. What lies there is loaded and run, so it is
 * taken only from where nobody but this user and root can write. Stateless.
 */
public final class CacheFolder {
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

    private static final String OWNER = "unix:uid";
    private static final String PERMISSIONS = "unix:mode";
    private static final int WRITTEN_BY_OTHERS = 0b000_010_010;
    private static final int ROOT = 0;

    private CacheFolder() {}

    /** The folder that a system property names, or that of the user's cache where it names none. */
    public static Path chosen(String property, String name) {
        String chosen = System.getProperty(property, "").trim();
        return chosen.isEmpty() ? UserCache.ofThisUser().folder(name) : Path.of(chosen);
    }

    /**
     * Makes a folder for this user alone, if it is not there; from one of his own that others can write, takes that
     * permission away.
     *
     * @throws IOException if it cannot be made, or others can write to it all the same
     */
    static void make(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path real = folder.toRealPath();
        if (Files.getAttribute(real, OWNER).equals(user()) && isWrittenByOthers(real)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
            permissions.removeAll(Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
            Files.setPosixFilePermissions(real, permissions);
        }
        if (!isSafe(real)) {
            throw new IOException("others than this user can write to " + real);
        }
    }

    /** True of a file, no link, that nobody but this user and root can write or put another in the place of. */
    public static boolean mayTrust(Path file) {
        try {
            Path absolute = file.toAbsolutePath();
            return Files.isRegularFile(absolute, LinkOption.NOFOLLOW_LINKS)
                    && isSafe(absolute)
                    && isSafe(absolute.getParent().toRealPath());
        } catch (IOException e) {
            LOG.info("{} is not taken: {}", file, e.toString());
            return false;
        }
    }

    private static boolean isSafe(Path path) throws IOException {
        Object owner = Files.getAttribute(path, OWNER, LinkOption.NOFOLLOW_LINKS);
        return (owner.equals(user()) || owner.equals(ROOT)) && !isWrittenByOthers(path);
    }

    private static boolean isWrittenByOthers(Path path) throws IOException {
        return ((int) Files.getAttribute(path, PERMISSIONS, LinkOption.NOFOLLOW_LINKS) & WRITTEN_BY_OTHERS) != 0;
    }

    private static Object user() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), OWNER);
    }

    /**
     * Writes a file by way of a temporary one that is renamed, so that any number of processes may write and read it. A
     * folder that cannot be written is no error: the file is then made again in every process.
     */
    public static void write(Path file, byte[]... parts) {
        Path folder = file.toAbsolutePath().getParent();
        Path temporary = null;
        try {
            make(folder);
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
