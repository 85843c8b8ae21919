package org.gatefold.recipe.field.media;

import com.google.gson.JsonObject;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.audio.Cepstrum;
import org.gatefold.data.audio.LogMel;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/**
 * The recordings of an {@link AudioTable}: sequences {@code [T, B, features]} of log-mel features or of cepstral coefficients of them,
 * and perhaps of their rates of change, each brought to mean 0 and deviation 1 over a recording. Nothing is fitted.
 */
public final class Sound implements Field {
    private final LogMel way;
    private final int coefficients;
    private final boolean deltas;

    private Sound(LogMel way, int coefficients, boolean deltas) {
        this.way = way;
        this.coefficients = coefficients;
        this.deltas = deltas;
    }

    /** Log-mel features. */
    public static Sound of(LogMel way) {
        return new Sound(way, 0, false);
    }

    /** So many cepstral coefficients in place of the features that they are computed of. */
    public Sound coefficients(int count) {
        return new Sound(way, count, deltas);
    }

    /** Whether rates of change stand beside the features. */
    public Sound deltas(boolean value) {
        return new Sound(way, coefficients, value);
    }

    @Override
    public String name() {
        return "audio";
    }

    @Override
    public Sound fit(Rows training) {
        return this;
    }

    @Override
    public Column encode(Rows rows) {
        if (!(rows.table() instanceof AudioTable recordings)) {
            throw new IllegalArgumentException(rows.table().source() + ": expected recordings, got another table");
        }
        if (!recordings.way().equals(way)) {
            throw new IllegalArgumentException(recordings.source() + ": expected " + way.description() + ", got "
                    + recordings.way().description());
        }
        float[][][] features = new float[rows.size()][][];
        for (int i = 0; i < features.length; i++) {
            features[i] = features(recordings.logMel(rows.index(i)));
        }
        return Column.sequences(Dataset.INPUT, features);
    }

    private float[][] features(float[][] logMel) {
        float[][] first = Cepstrum.normalized(coefficients == 0 ? logMel : Cepstrum.coefficients(logMel, coefficients));
        return deltas ? beside(first, Cepstrum.normalized(Cepstrum.deltas(first))) : first;
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
        return new JsonObject();
    }

    @Override
    public Sound restored(JsonFields state) {
        return this;
    }
}
