package org.gatefold.recipe.speech;

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
    private static final int CALLS = 240;
    private static final int RATE = 1000;
    private static final int SOUND = 50;
    private static final int[] FREQUENCIES = {90, 150, 230, 330};
    private static final String[] WORDS = {"ab", "ba", "cad", "dab", "bed", "da"};
    private static final String LETTERS = "abcde";

    private final Random random = new Random(1);

    /** One to three words, each letter a tone of its own, some of which are two tones, with pauses between words. */
    private String calls() {
        StringBuilder text = new StringBuilder("text,rate,samples\n");
        for (int row = 0; row < CALLS; row++) {
            StringBuilder said = new StringBuilder();
            int words = 1 + random.nextInt(3);
            for (int word = 0; word < words; word++) {
                said.append(word == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
            }
            text.append(said).append(',').append(RATE).append(',');
            text.append(HexFormat.of().formatHex(sounds(said.toString()))).append('\n');
        }
        return text.toString();
    }

    private byte[] sounds(String said) {
        double[] samples = new double[40 + random.nextInt(60) + said.length() * (SOUND + 15)];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = 0.02 * random.nextGaussian();
        }
        int at = 20 + random.nextInt(20);
        for (int place = 0; place < said.length(); place++) {
            int number = LETTERS.indexOf(said.charAt(place));
            if (number >= 0) {
                sound(samples, at, FREQUENCIES[number % 4]);
            }
            if (number == 4) {
                sound(samples, at, FREQUENCIES[2]);
            }
            at += SOUND + random.nextInt(15);
        }
        byte[] bytes = new byte[samples.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.max(0, Math.min(255, 128 + Math.round(127 * samples[i])));
        }
        return bytes;
    }

    /** Adds a tone that comes and goes. */
    private void sound(double[] samples, int from, int frequency) {
        double loudness = 0.25 + 0.15 * random.nextDouble();
        double phase = 2 * Math.PI * random.nextDouble();
        double exact = frequency + 8 * random.nextDouble() - 4;
        for (int i = 0; i < SOUND; i++) {
            double envelope = StrictMath.sin(Math.PI * (i + 0.5) / SOUND);
            samples[from + i] += loudness * envelope * StrictMath.sin(phase + 2 * Math.PI * exact * i / RATE);
        }
    }

    @Test
    void theSampleIsWhatItIsSaidToBe() throws IOException {
        try (InputStream sample =
                new GZIPInputStream(Speech.class.getResourceAsStream("/org/gatefold/data/calls.csv.gz"))) {
            assertThat(new String(sample.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(calls());
        }
    }
}
