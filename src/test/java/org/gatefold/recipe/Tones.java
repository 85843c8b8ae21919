package org.gatefold.recipe;

import java.util.HexFormat;
import java.util.Random;

/** Makes recordings of tones in a little noise, for samples that are synthetic; in the order in which it draws its numbers. */
public final class Tones {
    /** Numbers of a second. */
    public static final int RATE = 1000;

    private final Random random;
    private final double[] samples;

    /** Noise alone. */
    public Tones(Random random, int length) {
        this.random = random;
        samples = new double[length];
        for (int i = 0; i < length; i++) {
            samples[i] = 0.02 * random.nextGaussian();
        }
    }

    public int length() {
        return samples.length;
    }

    /**
     * Adds a tone that comes and goes, of a frequency somewhere about the one that is given and of any phase.
     *
     * @param softest of its loudness, which is up to {@code louder} more
     * @param about how far the frequency may be from the one that is given; 0 draws nothing
     */
    public void add(int from, int length, double frequency, double about, double softest, double louder) {
        double loudness = softest + louder * random.nextDouble();
        double phase = 2 * Math.PI * random.nextDouble();
        double exact = about == 0 ? frequency : frequency + 2 * about * random.nextDouble() - about;
        for (int i = 0; i < length; i++) {
            double envelope = StrictMath.sin(Math.PI * (i + 0.5) / length);
            samples[from + i] += loudness * envelope * StrictMath.sin(phase + 2 * Math.PI * exact * i / RATE);
        }
    }

    /** The numbers in 8 bits without a sign, in hexadecimal digits. */
    public String hex() {
        byte[] bytes = new byte[samples.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.max(0, Math.min(255, 128 + Math.round(127 * samples[i])));
        }
        return HexFormat.of().formatHex(bytes);
    }
}
