package org.gatefold.model;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * One output of a model for some rows, in host memory and batch-first. The arrays that it gives are its own, to be read.
 */
public final class Prediction {
    private final String name;
    private final Form form;

    /** {@code [B][T][elements]}, every row cut to its length; one step each if the output is no sequence. */
    private final float[][][] values;

    Prediction(String name, Form form, float[][][] values) {
        this.name = name;
        this.form = form;
        this.values = values;
    }

    /**
     * Copies an output to the host.
     *
     * @param rows that it must have
     * @return {@code [rows][T][elements]}, as a prediction keeps them
     */
    static float[][][] values(String name, Form form, Variable output, int rows) {
        Tensor value = output.value();
        boolean sequence = form.sequence();
        int given = value.shape().dim(sequence ? 1 : 0);
        if (value.type() != ElementType.F32 || given != rows) {
            throw new IllegalStateException("output '" + name + "': expected " + rows + " rows of numbers (F32), got "
                    + given + " of " + value.type());
        }
        int steps = sequence ? value.shape().dim(0) : 1;
        Tensor timeMajor = value.reshape(steps, rows, Math.toIntExact(form.size()));
        return BatchFirst.readSequences(timeMajor, sequence ? cut(output.lengths()) : null);
    }

    /** A masked sequence has outputs between and behind its real steps, too. */
    private static Lengths cut(Lengths lengths) {
        return lengths == null || lengths.mask() != null ? null : lengths;
    }

    /** What a row of it is like. */
    public Form form() {
        return form;
    }

    /** Number of rows. */
    public int size() {
        return values.length;
    }

    /**
     * One vector per row.
     *
     * @return {@code [B][elements]}, the last dimension of a row contiguous
     * @throws IllegalStateException if the output is a sequence
     */
    public float[][] rows() {
        if (form.sequence()) {
            throw new IllegalStateException("output '" + name + "': gives " + form + "; use sequences()");
        }
        return Arrays.stream(values).map(row -> row[0]).toArray(float[][]::new);
    }

    /**
     * One vector per step.
     *
     * @return {@code [B][T][elements]}, every row cut to its length
     * @throws IllegalStateException if the output is no sequence
     */
    public float[][][] sequences() {
        if (!form.sequence()) {
            throw new IllegalStateException("output '" + name + "': gives " + form + "; use rows()");
        }
        return values.clone();
    }

    @Override
    public String toString() {
        return "output '" + name + "' " + form + ", " + size() + " rows";
    }
}
