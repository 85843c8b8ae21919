package org.gatefold.layer;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Shape;

/**
 * How a parameter gets its first values. Values come from {@link Philox} and are computed on the host in double
 * precision, so that a seed gives the same weights on every device.
 *
 * <p>Fans are counted as Keras does, on the whole matrix: for {@code [O, I]} fan-in is I, fan-out O (for a recurrent
 * layer O is all gates together).
 *
 * @param kind the distribution
 * @param value the constant, the bound of UNIFORM, the standard deviation of NORMAL, the gain of ORTHOGONAL; 0 for others
 */
public record Initializer(Kind kind, float value) {
    private static final int PANEL = 16;

    /** The distributions. */
    public enum Kind {
        CONSTANT,
        /** Uniform within ±value. */
        UNIFORM,
        /** Uniform within ±1/√n, n being the fan-in, or the hidden size in recurrent layers: PyTorch's default there. */
        UNIFORM_INVERSE_SQRT,
        /** Normal with mean 0 and standard deviation value. */
        NORMAL,
        /** Uniform within ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010). */
        GLOROT_UNIFORM,
        /** Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
        GLOROT_NORMAL,
        /** Uniform within ±√(6 / fan-in) (He et al. 2015). */
        HE_UNIFORM,
        /** Normal with variance 2 / fan-in (He et al. 2015). */
        HE_NORMAL,
        /** Orthonormal rows or columns, whichever are fewer, times value (Saxe et al. 2014). */
        ORTHOGONAL
    }

    public static final Initializer ZEROS = new Initializer(Kind.CONSTANT, 0f);
    public static final Initializer UNIFORM_INVERSE_SQRT = new Initializer(Kind.UNIFORM_INVERSE_SQRT, 0f);
    public static final Initializer GLOROT_UNIFORM = new Initializer(Kind.GLOROT_UNIFORM, 0f);
    public static final Initializer GLOROT_NORMAL = new Initializer(Kind.GLOROT_NORMAL, 0f);
    public static final Initializer HE_UNIFORM = new Initializer(Kind.HE_UNIFORM, 0f);
    public static final Initializer HE_NORMAL = new Initializer(Kind.HE_NORMAL, 0f);
    public static final Initializer ORTHOGONAL = new Initializer(Kind.ORTHOGONAL, 1f);

    public Initializer {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("value: expected a finite value, got " + value);
        }
    }

    public static Initializer constant(float value) {
        return new Initializer(Kind.CONSTANT, value);
    }

    /** Uniform within ±bound. */
    public static Initializer uniform(float bound) {
        return new Initializer(Kind.UNIFORM, bound);
    }

    /** Normal with mean 0. */
    public static Initializer normal(float standardDeviation) {
        return new Initializer(Kind.NORMAL, standardDeviation);
    }

    /** Reads what {@link #toString} writes, for instance {@code "glorot_uniform"} or {@code "uniform(0.1)"}. */
    public static Initializer parse(String text) {
        String name = text.trim();
        float value = 0f;
        int open = name.indexOf('(');
        try {
            if (open >= 0 && name.endsWith(")")) {
                value = Float.parseFloat(name.substring(open + 1, name.length() - 1));
                name = name.substring(0, open);
            }
            return new Initializer(Kind.valueOf(name.toUpperCase(Locale.ROOT)), value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "initializer: expected a name such as glorot_uniform or uniform(0.1), got '" + text + "'", e);
        }
    }

    /**
     * Values for a parameter of {@code rows} by {@code columns}, row-major.
     *
     * @param size n of UNIFORM_INVERSE_SQRT
     * @param seed of this parameter alone
     */
    public float[] values(int rows, int columns, int size, long seed) {
        Draws draws = new Draws(seed);
        Shape.requireProduct("rows x columns", Integer.MAX_VALUE, rows, columns);
        int count = rows * columns;
        return switch (kind) {
            case CONSTANT -> constants(count);
            case UNIFORM -> draws.uniform(count, value);
            case UNIFORM_INVERSE_SQRT -> draws.uniform(count, 1 / Math.sqrt(size));
            case NORMAL -> draws.normal(count, value);
            case GLOROT_UNIFORM -> draws.uniform(count, Math.sqrt(6.0 / ((double) rows + columns)));
            case GLOROT_NORMAL -> draws.normal(count, Math.sqrt(2.0 / ((double) rows + columns)));
            case HE_UNIFORM -> draws.uniform(count, Math.sqrt(6.0 / columns));
            case HE_NORMAL -> draws.normal(count, Math.sqrt(2.0 / columns));
            case ORTHOGONAL -> orthogonal(rows, columns, draws);
        };
    }

    private float[] constants(int count) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    /**
     * The factor Q of the QR decomposition of a random normal matrix, by the modified Gram-Schmidt process. Its R has a
     * positive diagonal, which makes Q uniformly distributed (Mezzadri 2007).
     */
    private float[] orthogonal(int rows, int columns, Draws draws) {
        int count = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        double[][] vectors = new double[count][];
        for (int i = 0; i < count; i++) {
            vectors[i] = draws.normals(length);
        }
        // In panels that stay in the cache; every vector meets the others in the same order as without panels.
        for (int from = 0; from < count; from += PANEL) {
            int to = Math.min(from + PANEL, count);
            for (int i = from; i < to; i++) {
                project(vectors, from, i, vectors[i]);
                double scale = 1 / Math.sqrt(dot(vectors[i], vectors[i]));
                for (int k = 0; k < length; k++) {
                    vectors[i][k] *= scale;
                }
            }
            int first = from;
            IntStream rest = IntStream.range(to, count);
            (count > PANEL * PANEL ? rest.parallel() : rest).forEach(j -> project(vectors, first, to, vectors[j]));
        }
        float[] values = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double entry = rows >= columns ? vectors[column][row] : vectors[row][column];
                values[row * columns + column] = (float) (value * entry);
            }
        }
        return values;
    }

    /** Takes the part along the unit vectors {@code from} to {@code to} out of {@code vector}. */
    private static void project(double[][] units, int from, int to, double[] vector) {
        for (int i = from; i < to; i++) {
            double[] unit = units[i];
            double along = dot(unit, vector);
            for (int k = 0; k < unit.length; k++) {
                vector[k] -= along * unit[k];
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int k = 0;
        for (; k + 3 < a.length; k += 4) {
            sum0 += a[k] * b[k];
            sum1 += a[k + 1] * b[k + 1];
            sum2 += a[k + 2] * b[k + 2];
            sum3 += a[k + 3] * b[k + 3];
        }
        for (; k < a.length; k++) {
            sum0 += a[k] * b[k];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return value == 0f && kind != Kind.CONSTANT ? name : name + "(" + value + ")";
    }

    /** Random numbers of one parameter, drawn one after the other. */
    private static final class Draws {
        private final long seed;
        private final int[] words = new int[4];
        private long index;
        private int next = 4;

        Draws(long seed) {
            this.seed = seed;
        }

        private int word() {
            if (next == 4) {
                Philox.words(seed, 0, index++, words);
                next = 0;
            }
            return words[next++];
        }

        /** In [0, 1), 53 bits. */
        private double unit() {
            long high = word() & 0xFFFFFFFFL;
            long low = word() & 0xFFFFFFFFL;
            return ((high << 21) | (low >>> 11)) * 0x1p-53;
        }

        float[] uniform(int count, double bound) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (bound * (2 * unit() - 1));
            }
            return values;
        }

        float[] normal(int count, double deviation) {
            double[] normals = normals(count);
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (deviation * normals[i]);
            }
            return values;
        }

        /** Standard normal numbers by the transform of Box and Muller (1958). */
        double[] normals(int count) {
            double[] values = new double[count];
            for (int i = 0; i < count; i += 2) {
                double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit()));
                double angle = 2 * Math.PI * unit();
                values[i] = radius * StrictMath.cos(angle);
                if (i + 1 < count) {
                    values[i + 1] = radius * StrictMath.sin(angle);
                }
            }
            return values;
        }
    }
}
