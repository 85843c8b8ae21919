package org.gatefold.recipe.speech;

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
    private static final int CALLS = 240;
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
            text.append(said).append(',').append(Tones.RATE).append(',');
            text.append(sounds(said.toString()).hex()).append('\n');
        }
        return text.toString();
    }

    private Tones sounds(String said) {
        Tones tones = new Tones(random, 40 + random.nextInt(60) + said.length() * (SOUND + 15));
        int at = 20 + random.nextInt(20);
        for (int place = 0; place < said.length(); place++) {
            int number = LETTERS.indexOf(said.charAt(place));
            if (number >= 0) {
                sound(tones, at, FREQUENCIES[number % 4]);
            }
            if (number == 4) {
                sound(tones, at, FREQUENCIES[2]);
            }
            at += SOUND + random.nextInt(15);
        }
        return tones;
    }

    private static void sound(Tones tones, int from, int frequency) {
        tones.add(from, SOUND, frequency, 4, 0.25, 0.15);
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
