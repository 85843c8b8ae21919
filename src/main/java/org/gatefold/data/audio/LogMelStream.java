package org.gatefold.data.audio;

import java.util.Arrays;

/**
 * The features of a recording while it comes: those that {@link LogMel} gives of the whole, a step as soon as its window is there. Keeps
 * the samples of a window. One thread.
 */
public final class LogMelStream {
    private final LogMel way;
    private final PowerSpectrum spectrum;
    private final MelFilters filters;
    private float[] held = new float[0];
    /** The number of the first sample that is held. */
    private int first;

    private int next;

    /**
     * Begins a recording.
     *
     * @param way features that are {@link LogMel#streamed}
     * @throws IllegalArgumentException if they are of whole recordings
     * @throws IllegalStateException if JTransforms is not on the class path
     */
    public LogMelStream(LogMel way) {
        if (!way.streamed()) {
            throw new IllegalArgumentException(
                    "way: expected features that are known at once, got those of whole recordings");
        }
        this.way = way;
        this.filters = way.filters();
        try {
            this.spectrum = way.spectrum();
        } catch (LinkageError e) {
            throw AudioReader.withoutTransforms(e);
        }
    }

    /**
     * Takes samples.
     *
     * @param samples of full scale -1 to 1, at the rate of the features; however many
     * @return the steps that are known now, {@code [step][band]}; perhaps none
     */
    public float[][] take(float... samples) {
        float[] longer = Arrays.copyOf(held, held.length + samples.length);
        System.arraycopy(samples, 0, longer, held.length, samples.length);
        held = longer;
        int last = next;
        while (spectrum.end(last) <= first + held.length) {
            last++;
        }
        return steps(last);
    }

    /** The steps up to the end of the recording, behind which there are zeros; nothing is to be taken any more. */
    public float[][] end() {
        return steps(spectrum.frames(first + held.length));
    }

    private float[][] steps(int to) {
        float[][] steps = new float[Math.max(0, to - next)][];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = way.streamed(filters, spectrum.at(spectrum.start(next + i) - first, held));
        }
        next += steps.length;
        int unused = Math.min(held.length, Math.max(0, spectrum.start(next) - first));
        held = Arrays.copyOfRange(held, unused, held.length);
        first += unused;
        return steps;
    }
}
