package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that NumPy 1.24 wrote, by {@code ci/interop/numpy_files.py}. */
class NumpyArrayTest {
    private static final float[] RAMP = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(NumpyArrayTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everyTypeAndOrderIsRead() throws IOException {
        Map<String, NumpyArray> arrays = NumpyArray.readAll(resource("types.npz"));

        assertThat(arrays).hasSize(21);
        arrays.forEach((name, array) -> {
            if (name.startsWith("a_") || name.equals("columns")) {
                assertThat(array.shape()).as(name).containsExactly(2, 2, 3);
                assertThat(array.floats()).as(name).containsExactly(RAMP);
                assertThat(array.ints()).as(name).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
            }
        });
        assertThat(arrays.get("flags").floats()).containsExactly(1, 0, 1);
        assertThat(arrays.get("scalar").shape()).isEmpty();
        assertThat(arrays.get("scalar").floats()).containsExactly(2.5f);
        assertThat(arrays.get("empty").shape()).containsExactly(0, 3);
        assertThat(arrays.get("empty").floats()).isEmpty();
        assertThat(arrays.get("large").floats()).containsExactly(0x1p63f);
        assertThat(arrays.get("minus").floats()).containsExactly(-1, -128);
    }

    @Test
    void halvesKeepTheirValues() throws IOException {
        float[] halves = NumpyArray.readAll(resource("types.npz")).get("halves").floats();

        assertThat(halves)
                .containsExactly(
                        1.5f,
                        -2f,
                        65504f,
                        0x1p-24f,
                        0x1.ff8p-15f,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        -0f,
                        Float.NaN);
    }

    @Test
    void oneArrayAndPackedOnesAreRead() throws IOException {
        NumpyArray single = NumpyArray.readAll(resource("single.npy")).get("single");

        assertThat(single.floats()).startsWith(0f, 0.25f, 0.5f).hasSize(12);
        assertThatThrownBy(single::ints).hasMessage("expected whole numbers below 2^31, got 0.25");
        assertThat(NumpyArray.readAll(resource("packed.npz")).get("zeros").shape())
                .containsExactly(300, 300);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "texts.npz;got the type '<U1'",
                "objects.npz;got the type '|O'",
                "records.npz;expected a plain type of numbers",
            })
    void whatIsNoNumberIsRefused(String file, String complaint) {
        assertThatThrownBy(() -> NumpyArray.readAll(resource(file)))
                .isInstanceOf(FileException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(complaint);
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(resource("single.npy"));
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 1 + i % 3; k++) {
                damaged[random.nextInt(140)] = (byte) random.nextInt(256);
            }
            Path file = folder.resolve("damaged.npy");
            Files.write(file, i % 5 == 0 ? Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged);
            try {
                NumpyArray.readAll(file).values().forEach(NumpyArray::floats);
            } catch (FileException e) {
                assertThat(e.getMessage()).contains("damaged.npy").doesNotContain("\n");
            }
        }
    }
}
