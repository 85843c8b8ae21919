package org.gatefold.data.audio;

import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The power of short pieces of a recording by frequency: Hann windows whose middle lies at every hop, with zeros beyond both ends, as
 * librosa's {@code stft} with its defaults. Fourier transforms are those of JTransforms, which must be on the class path. One thread.
 */
final class PowerSpectrum {
    private final int length;
    private final int hop;
    private final int width;
    private final double[] window;
    private final DoubleFFT_1D transform;

    /**
     * @param length of the transform, even
     * @param window samples of a piece, at most {@code length}; it stands in the middle of zeros
     * @param hop samples between two pieces
     */
    PowerSpectrum(int length, int window, int hop) {
        this.length = length;
        this.hop = hop;
        this.width = window;
        this.window = new double[length];
        int before = (length - window) / 2;
        for (int i = 0; i < window; i++) {
            this.window[before + i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / window);
        }
        transform = new DoubleFFT_1D(length);
    }

    /** How many pieces so many samples give. */
    int frames(int samples) {
        return 1 + samples / hop;
    }

    /** The power of each frequency in one piece, {@code length/2 + 1} of them. */
    double[] frame(int number, float... samples) {
        return at(start(number), samples);
    }

    /** The first sample that a piece looks at, perhaps at a zero of its window; before 0 there are zeros. */
    int start(int number) {
        return number * hop - length / 2;
    }

    /** One behind the last sample that counts in a piece. */
    int end(int number) {
        return start(number) + (length - width) / 2 + width;
    }

    /** The power of each frequency in the piece that begins with a sample; zeros stand beyond both ends. */
    double[] at(int start, float... samples) {
        double[] piece = new double[length];
        int to = Math.min(length, samples.length - start);
        for (int i = Math.max(0, -start); i < to; i++) {
            piece[i] = window[i] * samples[start + i];
        }
        transform.realForward(piece);
        double[] power = new double[length / 2 + 1];
        power[0] = piece[0] * piece[0];
        power[length / 2] = piece[1] * piece[1];
        for (int bin = 1; bin < length / 2; bin++) {
            power[bin] = piece[2 * bin] * piece[2 * bin] + piece[2 * bin + 1] * piece[2 * bin + 1];
        }
        return power;
    }
}
