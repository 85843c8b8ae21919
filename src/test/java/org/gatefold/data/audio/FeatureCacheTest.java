package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final float[][] FEATURES = {{1, 2}, {-3, 0.5f}, {0, 7}};

    @TempDir
    private Path folder;

    @Test
    void findsWhatItKeptAndNothingElse() {
        FeatureCache cache = new FeatureCache(folder.resolve("new"));
        String key = FeatureCache.key("way", List.of(CONTENT));
        assertThat(cache.find(key)).isNull();
        cache.keep(key, FEATURES);
        assertThat(new FeatureCache(folder.resolve("new")).find(key)).isDeepEqualTo(FEATURES);
        assertThat(FeatureCache.key("way", List.of(new byte[] {1}, new byte[] {2, 3})))
                .isNotEqualTo(FeatureCache.key("way", List.of(new byte[] {1, 2}, new byte[] {3})));
        assertThat(cache.find(FeatureCache.key("other way", List.of(CONTENT)))).isNull();
        assertThat(cache.find(FeatureCache.key("way", List.of(new byte[] {1, 2}))))
                .isNull();
    }

    @Test
    void takesNothingThatIsDamaged() throws IOException {
        FeatureCache cache = new FeatureCache(folder);
        String key = FeatureCache.key("way", List.of(CONTENT));
        cache.keep(key, FEATURES);
        Path file;
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            assertThat(files).hasSize(1);
            file = files.get(0);
        }
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 4;
            Files.write(file, damaged);
            assertThat(cache.find(key)).as("byte %d", at).isNull();
        }
        Files.write(file, new byte[0]);
        assertThat(cache.find(key)).isNull();
    }

    @Test
    void isSilentWhereNothingCanBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        FeatureCache cache = new FeatureCache(file);
        cache.keep(FeatureCache.key("way", List.of(CONTENT)), FEATURES);
        assertThat(cache.find(FeatureCache.key("way", List.of(CONTENT)))).isNull();
    }
}
