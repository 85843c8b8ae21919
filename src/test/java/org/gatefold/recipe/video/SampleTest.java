package org.gatefold.recipe.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int FILMS_OF_A_CLASS = 50;
    private static final int SIDE = 12;
    private static final String[] CLASSES = {"left", "right", "up", "down"};
    private static final int[][] WAYS = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};

    private final Random random = new Random(1);

    /** A spot that goes one way through dust, 6 to 10 frames long, from anywhere, and comes in again at the other side. */
    private String movements() {
        StringBuilder text = new StringBuilder("label,height,width,frames\n");
        for (int row = 0; row < FILMS_OF_A_CLASS; row++) {
            for (int label = 0; label < CLASSES.length; label++) {
                text.append(CLASSES[label])
                        .append(',')
                        .append(SIDE)
                        .append(',')
                        .append(SIDE)
                        .append(',');
                int frames = 6 + random.nextInt(5);
                int x = random.nextInt(SIDE);
                int y = random.nextInt(SIDE);
                for (int frame = 0; frame < frames; frame++) {
                    text.append(frame == 0 ? "" : " ").append(frame(x, y));
                    x = Math.floorMod(x + WAYS[label][0], SIDE);
                    y = Math.floorMod(y + WAYS[label][1], SIDE);
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    /** A spot of 2 by 2 pixels among a few that are as bright. */
    private String frame(int x, int y) {
        StringBuilder pixels = new StringBuilder();
        for (int i = 0; i < SIDE * SIDE; i++) {
            boolean spot = Math.floorMod(i % SIDE - x, SIDE) < 2 && Math.floorMod(i / SIDE - y, SIDE) < 2;
            int dust = random.nextInt(12) == 0 ? 4 + random.nextInt(8) : 0;
            pixels.append(Character.forDigit(spot ? 12 + random.nextInt(4) : dust, 16));
        }
        return pixels.toString();
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample =
                new GZIPInputStream(Video.class.getResourceAsStream("/org/gatefold/data/movements.csv.gz"))) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(movements());
        }
    }
}
