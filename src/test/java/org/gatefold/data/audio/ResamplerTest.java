package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tones at a new rate against the same tones made at that rate, and nothing of tones that it cannot hold. */
class ResamplerTest {
    private static float[] tone(int rate, double hertz, double seconds) {
        float[] samples = new float[(int) Math.round(rate * seconds)];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) Math.sin(2 * Math.PI * hertz * i / rate + 0.3);
        }
        return samples;
    }

    /** The largest difference away from the ends. */
    private static double difference(float[] a, float... b) {
        double most = 0;
        for (int i = a.length / 4; i < a.length * 3 / 4; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    @ParameterizedTest
    @CsvSource({
        "44100,16000,1000",
        "48000,8000,3300",
        "8000,16000,3300",
        "22050,16000,50",
        "16000,44100,7000",
        "11025,8000,0",
        "8001,8000,2000"
    })
    void keepsTonesThatBothRatesHold(int from, int to, double hertz) {
        float[] expected = tone(to, hertz, 0.5);
        float[] actual = Resampler.of(from, to).resample(tone(from, hertz, 0.5));
        assertThat(actual.length).isCloseTo(expected.length, within(1));
        assertThat(difference(actual, expected)).isLessThan(1e-4);
    }

    @ParameterizedTest
    @CsvSource({"16000,8000,5000", "44100,16000,9000", "48000,16000,20000"})
    void foldsNothingBackThatTheNewRateCannotHold(int from, int to, double hertz) {
        float[] actual = Resampler.of(from, to).resample(tone(from, hertz, 0.5));
        assertThat(difference(actual, new float[actual.length])).isLessThan(1e-4);
    }
}
