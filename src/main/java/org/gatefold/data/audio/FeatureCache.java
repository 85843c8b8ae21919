package org.gatefold.data.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.gatefold.device.UserCache;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.HashedStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps features of recordings on the disk, by the content of the file and by how they were computed, so that they are computed once.
 * What is damaged is computed anew; where nothing can be written nothing is kept. Stateless but for the disk; any number of threads
 * and processes.
 */
final class FeatureCache {
    private static final Logger LOG = LoggerFactory.getLogger(FeatureCache.class);
    private static final int HEADER = 2 * Integer.BYTES;

    private final Path folder;

    FeatureCache(Path folder) {
        this.folder = folder;
    }

    /** That of the user whose process this is. */
    static FeatureCache ofThisUser() {
        return new FeatureCache(UserCache.ofThisUser().folder("features"));
    }

    /** The name of what is computed in a way of a file's bytes, or of several files'. */
    static String key(String way, List<byte[]> contents) {
        MessageDigest digest = HashedStream.sha256();
        digest.update(way.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        if (contents.size() > 1) {
            // So that no other files have the same bytes one after the other.
            contents.forEach(content -> digest.update((content.length + " ").getBytes(StandardCharsets.UTF_8)));
        }
        contents.forEach(digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What was kept, {@code [step][feature]}; null for nothing. */
    float[][] find(String key) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file(key)));
            int end = bytes.capacity() - Integer.BYTES;
            if (end < HEADER || bytes.getInt(end) != checksum(bytes.array(), end)) {
                return null;
            }
            float[][] features = new float[bytes.getInt()][bytes.getInt()];
            for (float[] step : features) {
                bytes.asFloatBuffer().get(step);
                bytes.position(bytes.position() + step.length * Float.BYTES);
            }
            return features;
        } catch (IOException e) {
            return null;
        }
    }

    /** Keeps features. */
    void keep(String key, float[][] features) {
        int width = features[0].length;
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + features.length * width * Float.BYTES + Integer.BYTES);
        bytes.putInt(features.length).putInt(width);
        for (float[] step : features) {
            for (float value : step) {
                bytes.putFloat(value);
            }
        }
        bytes.putInt(checksum(bytes.array(), bytes.position()));
        Path file = file(key);
        try {
            Files.createDirectories(file.getParent());
            AtomicFile.write(file, out -> out.write(bytes.array()));
        } catch (IOException e) {
            LOG.debug("features are not kept in {}: {}", folder, e.toString());
        }
    }

    private static int checksum(byte[] bytes, int count) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, count);
        return (int) checksum.getValue();
    }

    private Path file(String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key.substring(2));
    }
}
