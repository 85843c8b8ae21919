package org.gatefold.recipe.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The sample that travels with the recipe is synthetic: this makes it, and it is what is in the file. */
class SampleTest {
    private static final int SIGNALS_OF_A_CLASS = 80;
    private static final int RATE = 1000;
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
                text.append(CLASSES[label]).append(',').append(RATE).append(',');
                text.append(HexFormat.of().formatHex(signal(BEEPS[label]))).append('\n');
            }
        }
        return text.toString();
    }

    /** Two beeps somewhere, among three at other frequencies that mean nothing, in a little noise. */
    private byte[] signal(int... beeps) {
        double[] samples = new double[350 + random.nextInt(200)];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = 0.02 * random.nextGaussian();
        }
        int first = random.nextInt(samples.length - 3 * BEEP);
        int second = first + 2 * BEEP + random.nextInt(samples.length - first - 3 * BEEP + 1);
        beep(samples, first, beeps[0] + random.nextInt(7) - 3);
        beep(samples, second, beeps[1] + random.nextInt(7) - 3);
        for (int[] other : OTHERS) {
            int frequency = other[0] + random.nextInt(other[1] - other[0]);
            beep(samples, random.nextInt(samples.length - BEEP + 1), frequency);
        }
        byte[] bytes = new byte[samples.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.max(0, Math.min(255, 128 + Math.round(127 * samples[i])));
        }
        return bytes;
    }

    /** Adds a tone that comes and goes. */
    private void beep(double[] samples, int from, int frequency) {
        double loudness = 0.2 + 0.2 * random.nextDouble();
        double phase = 2 * Math.PI * random.nextDouble();
        for (int i = 0; i < BEEP; i++) {
            double envelope = StrictMath.sin(Math.PI * (i + 0.5) / BEEP);
            samples[from + i] += loudness * envelope * StrictMath.sin(phase + 2 * Math.PI * frequency * i / RATE);
        }
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
