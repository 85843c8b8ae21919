package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Features against those of librosa 0.10.2.post1 on NumPy 2.4: {@code power_to_db(melspectrogram(y, sr=8000, n_fft=512, win_length=200,
 * hop_length=80, n_mels=40))}, {@code mfcc(S=…, n_mfcc=13)}, {@code delta(…)}, and filters 0, 5, 10 and 19 of {@code mel(sr=16000,
 * n_fft=512, n_mels=20)}, one line a step or filter.
 */
class LibrosaTest {
    private static final LogMel WAY = new LogMel(8000, 25, 10, 40);

    /** A chirp beside a tone that fades. */
    private static Recording chirp() {
        float[] samples = new float[2000];
        for (int n = 0; n < samples.length; n++) {
            double t = n / 8000.0;
            samples[n] = (float) (0.6 * Math.sin(2 * Math.PI * (200 * t + 900 * t * t))
                    + 0.3 * Math.exp(-n / 400.0) * Math.sin(2 * Math.PI * 1700 * t));
        }
        return new Recording(8000, samples);
    }

    private static float[][] librosa(String kind) throws IOException {
        try (InputStream file = LibrosaTest.class.getResourceAsStream("librosa.txt")) {
            List<String> lines = new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return lines.stream()
                    .map(line -> line.split(" "))
                    .filter(fields -> fields[0].equals(kind))
                    .map(fields -> {
                        float[] numbers = new float[fields.length - 1];
                        for (int i = 0; i < numbers.length; i++) {
                            numbers[i] = Float.parseFloat(fields[i + 1]);
                        }
                        return numbers;
                    })
                    .toArray(float[][]::new);
        }
    }

    private static void requireClose(float[][] actual, float[]... expected) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int step = 0; step < expected.length; step++) {
            for (int i = 0; i < expected[step].length; i++) {
                assertThat(actual[step][i])
                        .as("step %d, feature %d", step, i)
                        .isCloseTo(expected[step][i], within(1e-3f));
            }
        }
    }

    @Test
    void logMelFeaturesAreThose() throws IOException {
        requireClose(WAY.of(chirp()), librosa("mel"));
    }

    @Test
    void coefficientsAreThose() throws IOException {
        requireClose(Cepstrum.coefficients(WAY.of(chirp()), 13), librosa("mfcc"));
    }

    @Test
    void ratesOfChangeAreThose() throws IOException {
        requireClose(Cepstrum.deltas(librosa("mfcc")), librosa("delta"));
    }

    @Test
    void filtersAreThose() throws IOException {
        MelFilters filters = MelFilters.of(16_000, 512, 20);
        int[] numbers = {0, 5, 10, 19};
        float[][] expected = librosa("filter");
        for (int i = 0; i < numbers.length; i++) {
            for (int bin = 0; bin < expected[i].length; bin++) {
                double[] power = new double[expected[i].length];
                power[bin] = 1;
                assertThat(filters.apply(numbers[i], power)).isCloseTo(expected[i][bin], within(1e-6));
            }
        }
    }
}
