package org.gatefold.layer.recurrent;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * States of a recurrent layer at one end of its sequences, on the heap: {@code h} and, of cells with a cell state, {@code c},
 * each {@code [L·D][B][H]}, or h of a projection {@code [L·D][B][P]}, index {@code layer * D + direction}, as PyTorch's
 * {@code h_n} and {@code c_n}. The arrays are the caller's own.
 */
public final class StateValues {
    private final float[][][] h;
    private final float[][][] c;

    private StateValues(float[][][] h, float[][][] c) {
        this.h = h;
        this.c = c;
    }

    /** States of cells without a cell state. */
    public static StateValues of(float[][][] h) {
        return new StateValues(h, null);
    }

    /**
     * States of cells with a cell state.
     *
     * @param c null for zeros
     */
    public static StateValues of(float[][][] h, float[][][] c) {
        return new StateValues(h, c);
    }

    public float[][][] h() {
        return h;
    }

    /** Null for cells without a cell state. */
    public float[][][] c() {
        return c;
    }

    static StateValues read(LayerState state) {
        return new StateValues(read(state.h()), state.c() == null ? null : read(state.c()));
    }

    private static float[][][] read(Variable state) {
        Shape shape = state.shape();
        float[] flat = state.value().toFloats();
        float[][][] values = new float[shape.dim(0)][shape.dim(1)][];
        int size = shape.dim(2);
        for (int i = 0; i < flat.length; i += size) {
            int row = i / size;
            values[row / shape.dim(1)][row % shape.dim(1)] = Arrays.copyOfRange(flat, i, i + size);
        }
        return values;
    }

    /**
     * Writes an array to a tensor of states; null as zeros.
     *
     * @param argument how errors call it
     * @param form how errors call what it should be, such as {@code [L*D][B][H]}
     */
    static void write(String argument, String form, float[][][] values, Tensor to) {
        Shape shape = to.shape();
        if (values == null) {
            to.fill(0f);
            return;
        }
        float[] flat = new float[to.arraySize()];
        requireLength(argument, form, values.length, shape.dim(0));
        for (int set = 0; set < values.length; set++) {
            requireLength(argument + "[" + set + "]", form, values[set].length, shape.dim(1));
            for (int row = 0; row < shape.dim(1); row++) {
                requireLength(argument + "[" + set + "][" + row + "]", form, values[set][row].length, shape.dim(2));
                System.arraycopy(values[set][row], 0, flat, (set * shape.dim(1) + row) * shape.dim(2), shape.dim(2));
            }
        }
        to.write(flat);
    }

    private static void requireLength(String argument, String form, int actual, int expected) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    argument + ": expected a length of " + expected + " of " + form + ", got " + actual);
        }
    }
}
