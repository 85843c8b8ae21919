package org.gatefold.backend.cpu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.gatefold.device.UserCache;

/**
 * A folder of the user's own where native libraries stay from one process to the next, each named by a hash of its
 * content. Nobody else can write there, links are not followed, and a library that is found is compared, byte by byte,
 * with the one that is wanted. Any number of processes may share a folder; thread-safe.
 */
final class NativeCache {
    /** A folder, or {@code off}. */
    static final String PROPERTY = "gatefold.native.cache";

    /** Libraries that stay, the last used. */
    private static final int KEPT = 4;

    /** Files as old as this are in nobody's hands any more: a process writes or loads one within moments. */
    static final Duration ABANDONED = Duration.ofHours(1);

    private static final String PART = ".part";
    private static final String PREFIX = "gatefold-";

    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private final Path folder;

    /** Uses a folder, which is made when it is needed. */
    NativeCache(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /**
     * The folder that a property names, none for {@code off}, or {@code native} in the user's cache.
     */
    static Optional<NativeCache> chosen(String property, UserCache caches) {
        if (property.equalsIgnoreCase("off")) {
            return Optional.empty();
        }
        if (!property.isEmpty()) {
            return Optional.of(new NativeCache(Path.of(property)));
        }
        return Optional.of(new NativeCache(caches.folder("native")));
    }

    /**
     * The file with a library's bytes, which is written if it is not there.
     *
     * @param library the content
     * @param suffix the end of the file's name
     * @throws IOException if this user has no such folder to himself, or it cannot be written
     */
    Path keep(byte[] library, String suffix) throws IOException {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            throw new IOException(folder + " knows no owners and permissions");
        }
        Files.createDirectories(folder, only(OWNER_FOLDER));
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(folder + " is a link");
        }
        Path part = Files.createTempFile(folder, PREFIX, PART, only(OWNER_FILE));
        try {
            UserPrincipal user = Files.getOwner(part, LinkOption.NOFOLLOW_LINKS);
            requireOwn(user);
            Path file = folder.resolve(PREFIX + hash(library) + suffix);
            if (holds(file, library, user)) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            } else {
                write(part, library);
                if (!holds(part, library, user)) {
                    throw new IOException(part + " is not what was written to it (is the disk full?)");
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            sweep(file);
            return file;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void write(Path part, byte[] library) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer bytes = ByteBuffer.wrap(library);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private void requireOwn(UserPrincipal user) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.owner().equals(user)) {
            throw new IOException(folder + " belongs to " + attributes.owner() + ", not to " + user);
        }
        if (!attributes.permissions().equals(OWNER_FOLDER)) {
            Files.setPosixFilePermissions(folder, OWNER_FOLDER);
        }
    }

    /** True if a file of this user's, which nobody else can write, has just this content. */
    private static boolean holds(Path file, byte[] content, UserPrincipal user) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (!attributes.isRegularFile()
                || !attributes.owner().equals(user)
                || !attributes.permissions().equals(OWNER_FILE)
                || attributes.size() != content.length) {
            return false;
        }
        ByteBuffer found = ByteBuffer.allocate(content.length);
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            int count = 0;
            while (found.hasRemaining() && count >= 0) {
                count = channel.read(found);
            }
        }
        return !found.hasRemaining() && Arrays.equals(found.array(), content);
    }

    /** A file and when it was last used. */
    private record Used(Path file, Instant last) {}

    /** Deletes what killed processes left half written, and libraries of other builds but for the last used. */
    private void sweep(Path kept) throws IOException {
        Instant limit = Instant.now().minus(ABANDONED);
        List<Used> libraries = new ArrayList<>();
        List<Used> abandoned = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : files) {
                if (!file.equals(kept)) {
                    Used used = new Used(
                            file,
                            Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                                    .toInstant());
                    (file.toString().endsWith(PART) ? abandoned : libraries).add(used);
                }
            }
        } catch (NoSuchFileException e) {
            return; // another process sweeps
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        libraries.sort(Comparator.comparing(Used::last).reversed());
        abandoned.addAll(libraries.subList(Math.min(KEPT - 1, libraries.size()), libraries.size()));
        for (Used used : abandoned) {
            if (used.last().isBefore(limit)) {
                Files.deleteIfExists(used.file());
            }
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> only(Set<PosixFilePermission> permissions) {
        return PosixFilePermissions.asFileAttribute(permissions);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
