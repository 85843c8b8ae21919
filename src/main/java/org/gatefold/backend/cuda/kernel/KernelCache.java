package org.gatefold.backend.cuda.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.gatefold.backend.cuda.library.CacheFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels on disk, by the hash of everything that went into them. An entry is its code with a checksum before
 * it; a damaged entry is built again, and one that others than this user could have written. Any number of processes may share the folder.
 */
public final class KernelCache {
    /** Where entries are kept; by default {@code gatefold/kernels} in the user's cache folder. */
    static final String FOLDER_PROPERTY = "gatefold.cuda.cache";

    private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);
    private static final int CHECKSUM_BYTES = 32;

    private final Path folder;

    KernelCache(Path folder) {
        this.folder = folder;
    }

    public static KernelCache standard() {
        return new KernelCache(CacheFolder.chosen(FOLDER_PROPERTY, "kernels"));
    }

    /** The key of everything that decides an entry's content. */
    public static String key(Iterable<String> parts) {
        MessageDigest digest = sha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The entry of {@code key}, made by {@code build} and kept if there is none or it is damaged. */
    byte[] get(String key, Supplier<byte[]> build) {
        Path file = folder.resolve(key + ".kernel");
        Optional<byte[]> kept = read(file);
        if (kept.isPresent()) {
            return kept.get();
        }
        byte[] made = build.get();
        CacheFolder.write(file, sha256().digest(made), made);
        return made;
    }

    private static Optional<byte[]> read(Path file) {
        byte[] entry;
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            if (!CacheFolder.mayTrust(file)) {
                LOG.warn("kernel cache entry {} could be written by others and is built again", file);
                return Optional.empty();
            }
            entry = Files.readAllBytes(file);
        } catch (IOException e) {
            LOG.debug("kernel cache entry {} cannot be read", file, e);
            return Optional.empty();
        }
        if (entry.length > CHECKSUM_BYTES) {
            byte[] code = Arrays.copyOfRange(entry, CHECKSUM_BYTES, entry.length);
            if (Arrays.equals(sha256().digest(code), Arrays.copyOf(entry, CHECKSUM_BYTES))) {
                return Optional.of(code);
            }
        }
        LOG.warn("kernel cache entry {} is damaged and is built again", file);
        return Optional.empty();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
