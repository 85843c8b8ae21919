package org.gatefold.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces of a recording against the whole. */
class LogMelStreamTest {
    private static final LogMel WAY = new LogMel(8000, 25, 10, 40, true);

    private static float[] samples(int count) {
        Random random = new Random(1);
        float[] samples = new float[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (float) (random.nextGaussian() * (i % 1000 < 500 ? 0.1 : 1e-7));
        }
        return samples;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 80, 800, 5000})
    void piecesGiveTheStepsOfTheWhole(int piece) {
        float[] samples = samples(4321);
        float[][] whole = WAY.of(new Recording(8000, samples));
        LogMelStream stream = new LogMelStream(WAY);
        List<float[]> steps = new ArrayList<>();
        for (int from = 0; from < samples.length; from += piece) {
            int to = Math.min(samples.length, from + piece);
            steps.addAll(Arrays.asList(stream.take(Arrays.copyOfRange(samples, from, to))));
            // A step is known half a window of 200 samples behind its place.
            assertThat(steps).hasSize(to < 100 ? 0 : (to - 100) / 80 + 1);
        }
        steps.addAll(Arrays.asList(stream.end()));
        assertThat(steps.toArray(float[][]::new)).isDeepEqualTo(whole);
    }

    @Test
    void silenceIsSoFarBelowFullScale() {
        assertThat(WAY.of(new Recording(8000, new float[800]))[0]).containsOnly(-80);
        assertThat(new LogMelStream(WAY).end()).hasDimensions(1, 40);
    }

    @Test
    void featuresOfWholeRecordingsAreNotKnownBefore() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LogMelStream(new LogMel(8000, 25, 10, 40)))
                .withMessageStartingWith("way: expected features that are known at once");
    }
}
