package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageAugmentationTest {
    /** Two channels of 3 rows of 4 pixels: 1 to 24. */
    private static float[] image() {
        float[] image = new float[24];
        for (int i = 0; i < image.length; i++) {
            image[i] = i + 1;
        }
        return image;
    }

    private static float[] changed(ImageAugmentation way, long seed) {
        // Longer than a row, as the array of a batch may be.
        float[] values = Arrays.copyOf(image(), 30);
        way.change(values, 24, new RandomDraws(seed, 0));
        assertThat(Arrays.copyOfRange(values, 24, 30)).containsOnly(0f);
        return Arrays.copyOf(values, 24);
    }

    /** What a pixel that is moved right and down would be. */
    private static float[] moved(int right, int down) {
        float[] image = image();
        float[] moved = new float[24];
        for (int i = 0; i < 24; i++) {
            int x = i % 4 - right;
            int y = i / 4 % 3 - down;
            moved[i] = x >= 0 && x < 4 && y >= 0 && y < 3 ? image[i / 12 * 12 + y * 4 + x] : 0;
        }
        return moved;
    }

    @Test
    void movesByEveryNumberOfWholePixels() {
        ImageAugmentation way = ImageAugmentation.of(3, 4).shifted(1);
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            float[] values = changed(way, seed);
            int[] found = IntStream.range(0, 9)
                    .filter(place -> Arrays.equals(values, moved(place % 3 - 1, place / 3 - 1)))
                    .toArray();
            assertThat(found).hasSize(1);
            seen.add(Arrays.toString(found));
        }
        assertThat(seen).hasSize(9);
    }

    @Test
    void mirrorsEveryOtherImage() {
        ImageAugmentation way = ImageAugmentation.of(3, 4).flipped(true);
        int mirrored = 0;
        for (int seed = 0; seed < 200; seed++) {
            float[] values = changed(way, seed);
            if (!Arrays.equals(values, image())) {
                mirrored++;
                for (int i = 0; i < 24; i++) {
                    assertThat(values[i]).isEqualTo(image()[i / 4 * 4 + 3 - i % 4]);
                }
            }
        }
        assertThat(mirrored).isBetween(70, 130);
    }

    /** A bar through the middle of a large image lies at the angle by which it was turned, which is uniform. */
    @Test
    void turnsByUpToTheAngle() {
        int size = 41;
        double[] angles = IntStream.range(0, 100)
                .mapToDouble(seed -> {
                    float[] bar = new float[size * size];
                    Arrays.fill(bar, size / 2 * size, (size / 2 + 1) * size, 1);
                    ImageAugmentation.of(size, size).rotated(30).change(bar, size * size, new RandomDraws(seed, 7));
                    double sumXX = 0;
                    double sumXY = 0;
                    for (int i = 0; i < bar.length; i++) {
                        int x = i % size - size / 2;
                        int y = i / size - size / 2;
                        sumXX += bar[i] * x * x;
                        sumXY += bar[i] * x * y;
                    }
                    return Math.toDegrees(Math.atan2(sumXY, sumXX));
                })
                .toArray();
        assertThat(Arrays.stream(angles).min().orElseThrow()).isBetween(-30.5, -25.0);
        assertThat(Arrays.stream(angles).max().orElseThrow()).isBetween(25.0, 30.5);
        assertThat(Arrays.stream(angles).average().orElseThrow()).isCloseTo(0, within(6.0));
    }

    @Test
    void wipesOutOneRectangleOfAllChannels() {
        ImageAugmentation way = ImageAugmentation.of(20, 30).erased(0.5);
        int wiped = 0;
        for (int seed = 0; seed < 100; seed++) {
            float[] values = new float[1200];
            Arrays.fill(values, 1);
            way.change(values, 1200, new RandomDraws(seed, 1));
            int[] holes = IntStream.range(0, 600).filter(i -> values[i] == 0).toArray();
            if (holes.length == 0) {
                continue;
            }
            wiped++;
            int top = Arrays.stream(holes).map(i -> i / 30).min().orElseThrow();
            int bottom = Arrays.stream(holes).map(i -> i / 30).max().orElseThrow();
            int left = Arrays.stream(holes).map(i -> i % 30).min().orElseThrow();
            int right = Arrays.stream(holes).map(i -> i % 30).max().orElseThrow();
            assertThat(holes).hasSize((bottom - top + 1) * (right - left + 1));
            assertThat(holes.length / 600.0).isBetween(0.015, 0.22);
            assertThat(Arrays.copyOfRange(values, 600, 1200)).isEqualTo(Arrays.copyOf(values, 600));
        }
        assertThat(wiped).isBetween(30, 70);
    }

    @Test
    void saysWhatItDoes() {
        ImageAugmentation none = ImageAugmentation.of(8, 8);
        assertThat(none.changes()).isFalse();
        assertThat(none.shifted(2).rotated(10).flipped(true).erased(0.25).description())
                .isEqualTo("shifted by up to 2 pixels, turned by up to 10.0 degrees, mirrored, wiped out in part,"
                        + " probability 0.25");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.shifted(8))
                .withMessageContaining("pixels: expected");
        assertThatIllegalArgumentException().isThrownBy(() -> none.rotated(181)).withMessageContaining("0 to 180");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.erased(Double.NaN))
                .withMessageContaining("0 to 1");
    }
}
