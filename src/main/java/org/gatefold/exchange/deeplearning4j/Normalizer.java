package org.gatefold.exchange.deeplearning4j;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.file.FileException;

/**
 * What data of a Deeplearning4j model is brought to before it is read: each feature by a factor and a shift. Kinds other than
 * {@code "standardize"} and {@code "min_max"} have none, and are only named. Immutable.
 */
public final class Normalizer {
    private static final String HEADER = "NORMALIZER";

    private final String kind;
    private final float[] factors;
    private final float[] shifts;

    private Normalizer(String kind, float[] factors, float[] shifts) {
        this.kind = kind;
        this.factors = factors;
        this.shifts = shifts;
    }

    static Normalizer read(String source, String entry, byte[] bytes) throws IOException {
        Nd4jArray.Source arrays = new Nd4jArray.Source(source, entry, bytes);
        DataInputStream in = arrays.data();
        try {
            if (!in.readUTF().equals(HEADER) || in.readInt() != 1) {
                throw new FileException(source, "entry '" + entry + "'", "is no normalizer of version 1", null);
            }
            String kind = in.readUTF().toLowerCase(Locale.ROOT);
            return switch (kind) {
                case "standardize" -> standardize(in, arrays);
                case "min_max" -> minMax(in, arrays);
                default -> new Normalizer(kind, new float[0], new float[0]);
            };
        } catch (EOFException e) {
            throw new FileException(source, "entry '" + entry + "'", "ends within a normalizer", e);
        }
    }

    private static Normalizer standardize(DataInputStream in, Nd4jArray.Source arrays) throws IOException {
        in.readBoolean(); // whether labels are normalised, too, whose numbers follow
        float[] mean = arrays.next().values();
        float[] deviation = arrays.next().values();
        requireEqual(mean, deviation);
        float[] factors = new float[mean.length];
        float[] shifts = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            factors[i] = 1 / deviation[i];
            shifts[i] = -mean[i] / deviation[i];
        }
        return new Normalizer("standardize", factors, shifts);
    }

    private static Normalizer minMax(DataInputStream in, Nd4jArray.Source arrays) throws IOException {
        in.readBoolean();
        double least = in.readDouble();
        double most = in.readDouble();
        float[] from = arrays.next().values();
        float[] to = arrays.next().values();
        requireEqual(from, to);
        float[] factors = new float[from.length];
        float[] shifts = new float[from.length];
        for (int i = 0; i < from.length; i++) {
            double factor = (most - least) / ((double) to[i] - from[i]);
            factors[i] = (float) factor;
            shifts[i] = (float) (least - from[i] * factor);
        }
        return new Normalizer("min_max", factors, shifts);
    }

    private static void requireEqual(float[] one, float[] other) {
        if (one.length != other.length) {
            throw new CheckpointException(
                    "normalizer: expected numbers of as many features, got " + one.length + " and " + other.length);
        }
    }

    /** What it is called there, in lower case. */
    public String kind() {
        return kind;
    }

    /** One for each feature; empty if they are not known. */
    public float[] factors() {
        return factors.clone();
    }

    /** What is added behind the factors; as many. */
    public float[] shifts() {
        return shifts.clone();
    }

    /** The numbers of a row of features, normalised. */
    public float[] of(float[] row) {
        if (row.length != factors.length) {
            throw new IllegalArgumentException("row: expected " + factors.length + " features, got " + row.length);
        }
        float[] normalised = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            normalised[i] = row[i] * factors[i] + shifts[i];
        }
        return normalised;
    }

    @Override
    public String toString() {
        return factors.length == 0 ? kind : kind + " of " + factors.length + " features";
    }
}
