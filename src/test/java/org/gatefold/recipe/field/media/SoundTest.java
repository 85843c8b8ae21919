package org.gatefold.recipe.field.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.gatefold.data.audio.Cepstrum;
import org.gatefold.data.audio.LogMel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a model reads of two bands, of which the second is louder by 20 dB. */
class SoundTest {
    private static final float[][] BANDS = {{-50, -30}, {-40, -20}, {-60, -40}};

    private static Sound sound(Sound.Normalization way) {
        return Sound.of(new LogMel(8000, 25, 10, 2)).normalized(way);
    }

    private static float[][] louder(float decibels) {
        float[][] louder = new float[BANDS.length][2];
        for (int step = 0; step < louder.length; step++) {
            for (int band = 0; band < 2; band++) {
                louder[step][band] = BANDS[step][band] + decibels;
            }
        }
        return louder;
    }

    @Test
    void togetherBandsStillDiffer() {
        // Of steps the variance is 200 / 3, of the two bands about their mean 100.
        double expected = 20 / Math.sqrt(100 + 200 / 3.0);
        for (float[] step : sound(Sound.Normalization.RECORDING).features(BANDS)) {
            assertThat((double) step[1] - step[0]).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void eachByItselfBandsAreAlike() {
        for (float[] step : sound(Sound.Normalization.FEATURES).features(BANDS)) {
            assertThat(step[1]).isEqualTo(step[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void loudnessDoesNotMatter(Sound.Normalization way) {
        Sound sound = sound(way).coefficients(2).deltas(true);
        float[][] louder = sound.features(louder(16));
        float[][] features = sound.features(BANDS);
        for (int step = 0; step < features.length; step++) {
            assertThat(louder[step]).containsExactly(features[step], within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource
    void silenceIsZero(Sound.Normalization way) {
        for (float[] step : sound(way).deltas(true).features(new float[][] {{-80, -80}, {-80, -80}})) {
            assertThat(step).containsOnly(0, 0, 0, 0);
        }
    }

    @Test
    void coefficientsAreThoseOfBandsBroughtTogether() {
        assertThat(sound(Sound.Normalization.RECORDING).coefficients(2).features(BANDS))
                .isDeepEqualTo(Cepstrum.coefficients(Cepstrum.normalizedTogether(BANDS), 2));
    }
}
