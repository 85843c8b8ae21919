package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.audio.Cepstrum;
import org.gatefold.data.audio.LogMel;
import org.gatefold.data.transform.Scaler;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * The recordings of an {@link AudioTable}: sequences {@code [T, B, features]} of log-mel features or of cepstral coefficients of them,
 * and perhaps of their rates of change, brought to mean 0 and deviation 1 over a recording, so that nothing is fitted; where they are
 * streamed, each over all training rows, as the mean of a recording is not known before its end.
 */
public final class Sound implements Field {
    private static final String FEATURES = "features";
    private static final String OFFSET = "offset";
    private static final String SCALE = "scale";

    /** Of a feature that hardly changes. */
    private static final double LEAST = 1e-3;

    private final String name;
    private final LogMel way;
    private final int coefficients;
    private final boolean deltas;
    private final Normalization normalization;
    private final List<Scaler> scalers;

    /** What is brought to mean 0 and deviation 1 over a recording. */
    public enum Normalization {
        /** All mel bands together: loudness does not matter, and how bands differ, by which a short sound is known, is kept. */
        RECORDING {
            @Override
            float[][] features(UnaryOperator<float[][]> raw, float[]... logMel) {
                return raw.apply(Cepstrum.normalizedTogether(logMel));
            }

            @Override
            float[][] rates(float[]... deltas) {
                return Cepstrum.normalizedTogether(deltas);
            }
        },

        /** Each feature by itself, as by cepstral mean and variance normalisation: the room and the microphone do not matter either. */
        FEATURES {
            @Override
            float[][] features(UnaryOperator<float[][]> raw, float[]... logMel) {
                return Cepstrum.normalized(raw.apply(logMel));
            }

            @Override
            float[][] rates(float[]... deltas) {
                return Cepstrum.normalized(deltas);
            }
        };

        /** @param raw what is read of mel bands */
        abstract float[][] features(UnaryOperator<float[][]> raw, float[]... logMel);

        abstract float[][] rates(float[]... deltas);
    }

    private Sound(
            String name,
            LogMel way,
            int coefficients,
            boolean deltas,
            Normalization normalization,
            List<Scaler> scalers) {
        this.name = name;
        this.way = way;
        this.coefficients = coefficients;
        this.deltas = deltas;
        this.normalization = normalization;
        this.scalers = scalers;
    }

    /** Log-mel features, each by itself of mean 0 and deviation 1. */
    public static Sound of(LogMel way) {
        return new Sound("audio", way, 0, false, Normalization.FEATURES, null);
    }

    /** So many cepstral coefficients in place of the features that they are computed of. */
    public Sound coefficients(int count) {
        return new Sound(name, way, count, deltas, normalization, null);
    }

    /** Whether rates of change stand beside the features. */
    public Sound deltas(boolean value) {
        return new Sound(name, way, coefficients, value, normalization, null);
    }

    /** What is of mean 0 and deviation 1 in place of each feature; where features are streamed that is as it was. */
    public Sound normalized(Normalization value) {
        return new Sound(name, way, coefficients, deltas, value, null);
    }

    /** The same under another name, as a network calls its inputs. */
    public Sound named(String newName) {
        return new Sound(newName, way, coefficients, deltas, normalization, scalers);
    }

    @Override
    public String name() {
        return name;
    }

    /** How its features are computed. */
    public LogMel way() {
        return way;
    }

    @Override
    public Sound fit(Rows training) {
        if (!way.streamed()) {
            return this;
        }
        AudioTable recordings = recordings(training);
        int width = width();
        double[] sums = new double[width];
        double[] squares = new double[width];
        long steps = 0;
        for (int index : training.indices()) {
            for (float[] step : raw(recordings.logMel(index))) {
                for (int i = 0; i < width; i++) {
                    sums[i] += step[i];
                    squares[i] += (double) step[i] * step[i];
                }
                steps++;
            }
        }
        List<Scaler> fitted = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            double mean = sums[i] / steps;
            double deviation = Math.sqrt(Math.max(0, squares[i] / steps - mean * mean));
            fitted.add(new Scaler(Scaler.Kind.STANDARD, mean, Math.max(LEAST, deviation)));
        }
        return new Sound(name, way, coefficients, deltas, normalization, fitted);
    }

    private AudioTable recordings(Rows rows) {
        if (!(rows.table() instanceof AudioTable recordings)) {
            throw new IllegalArgumentException(rows.table().source() + ": expected recordings, got another table");
        }
        if (!recordings.way().equals(way)) {
            throw new IllegalArgumentException(recordings.source() + ": expected " + way.description() + ", got "
                    + recordings.way().description());
        }
        return recordings;
    }

    private float[][] raw(float[]... logMel) {
        return coefficients == 0 ? logMel : Cepstrum.coefficients(logMel, coefficients);
    }

    private static float[][] scaled(List<Scaler> scalers, float[]... steps) {
        float[][] scaled = new float[steps.length][scalers.size()];
        for (int step = 0; step < scaled.length; step++) {
            for (int i = 0; i < scaled[step].length; i++) {
                scaled[step][i] = (float) scalers.get(i).scale(steps[step][i]);
            }
        }
        return scaled;
    }

    @Override
    public Column encode(Rows rows) {
        AudioTable recordings = recordings(rows);
        float[][][] features = new float[rows.size()][][];
        for (int i = 0; i < features.length; i++) {
            features[i] = features(recordings.logMel(rows.index(i)));
        }
        return Column.sequences(Dataset.INPUT, features);
    }

    /**
     * What a model reads of steps of a recording: of all steps, or of any where features are streamed.
     *
     * @param logMel {@code [step][band]} in decibels
     */
    public float[][] features(float[]... logMel) {
        if (scalers != null) {
            return scaled(scalers, raw(logMel));
        }
        float[][] first = normalization.features(this::raw, logMel);
        return deltas ? beside(first, normalization.rates(Cepstrum.deltas(first))) : first;
    }

    private static float[][] beside(float[][] left, float[][] right) {
        float[][] both = new float[left.length][left[0].length + right[0].length];
        for (int step = 0; step < both.length; step++) {
            System.arraycopy(left[step], 0, both[step], 0, left[step].length);
            System.arraycopy(right[step], 0, both[step], left[step].length, right[step].length);
        }
        return both;
    }

    @Override
    public String summary() {
        String kind = coefficients == 0 ? way.bands() + " mel bands" : coefficients + " cepstral coefficients";
        return kind + (deltas ? " with deltas" : "") + " of " + way.rate() + " Hz";
    }

    @Override
    public JsonObject state() {
        return scalers == null
                ? new JsonObject()
                : Json.list(FEATURES, scalers, scaler -> Json.object(OFFSET, scaler.offset(), SCALE, scaler.scale()));
    }

    @Override
    public Sound restored(JsonFields state) {
        if (!way.streamed()) {
            return this;
        }
        List<Scaler> saved = state.listOf(width(), FEATURES).stream()
                .map(each -> new Scaler(
                        Scaler.Kind.STANDARD, each.number(OFFSET, -Double.MAX_VALUE), each.number(SCALE, LEAST)))
                .toList();
        return new Sound(name, way, coefficients, deltas, normalization, saved);
    }

    /** Features of a step without their rates of change. */
    private int width() {
        return coefficients == 0 ? way.bands() : coefficients;
    }
}
