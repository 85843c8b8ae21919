package org.gatefold.recipe.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.gatefold.recipe.Tones;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int SIGNALS_OF_A_CLASS = 80;
    private static final int BEEP = 60;
    private static final int LOW = 150;
    private static final int HIGH = 300;
    private static final int[][] OTHERS = {{60, 110}, {200, 250}, {360, 440}};

    /** Two beeps of each class, in their order. */
    private static final String[] CLASSES = {"up", "down", "low", "high"};

    private static final int[][] BEEPS = {{LOW, HIGH}, {HIGH, LOW}, {LOW, LOW}, {HIGH, HIGH}};

    private final Random random = new Random(1);

    private String signals() {
        StringBuilder text = new StringBuilder("label,rate,samples\n");
        for (int row = 0; row < SIGNALS_OF_A_CLASS; row++) {
            for (int label = 0; label < CLASSES.length; label++) {
                text.append(CLASSES[label]).append(',').append(Tones.RATE).append(',');
                text.append(signal(BEEPS[label]).hex()).append('\n');
            }
        }
        return text.toString();
    }

    /** Two beeps somewhere, among three at other frequencies that mean nothing, in a little noise. */
    private Tones signal(int... beeps) {
        Tones tones = new Tones(random, 350 + random.nextInt(200));
        int first = random.nextInt(tones.length() - 3 * BEEP);
        int second = first + 2 * BEEP + random.nextInt(tones.length() - first - 3 * BEEP + 1);
        beep(tones, first, beeps[0] + random.nextInt(7) - 3);
        beep(tones, second, beeps[1] + random.nextInt(7) - 3);
        for (int[] other : OTHERS) {
            int frequency = other[0] + random.nextInt(other[1] - other[0]);
            beep(tones, random.nextInt(tones.length() - BEEP + 1), frequency);
        }
        return tones;
    }

    private static void beep(Tones tones, int from, int frequency) {
        tones.add(from, BEEP, frequency, 0, 0.2, 0.2);
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample =
                new GZIPInputStream(Audio.class.getResourceAsStream("/org/gatefold/data/signals.csv.gz"))) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(signals());
        }
    }
}
