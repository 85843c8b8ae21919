package org.gatefold.layer.recurrent.state;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * States of a recurrent layer at one end of its sequences, on the heap: {@code h} and, of cells with a cell state, {@code c},
 * each {@code [L·D][B][H]}, or h of a projection {@code [L·D][B][P]}, index {@code layer * D + direction}, as PyTorch's
 * {@code h_n} and {@code c_n}. Of a cell of a program's own, which is one layer of one direction, they are as many as it declares, in that
 * order, each {@code [1][B][size]}. The arrays are the caller's own.
 */
public final class StateValues {
    private final List<float[][][]> all;

    private StateValues(List<float[][][]> all) {
        this.all = all;
    }

    /** States of cells without a cell state. */
    public static StateValues of(float[][][] h) {
        return new StateValues(Collections.singletonList(h));
    }

    /**
     * States of cells with a cell state.
     *
     * @param c null for zeros
     */
    public static StateValues of(float[][][] h, float[][][] c) {
        return new StateValues(Arrays.asList(h, c));
    }

    /**
     * States of a cell of a program's own, in the order in which it declares them.
     *
     * @param states each {@code [B][size]}
     */
    public static StateValues ofRows(float[][]... states) {
        return new StateValues(
                Stream.of(states).map(rows -> new float[][][] {rows}).toList());
    }

    public float[][][] h() {
        return all.get(0);
    }

    /** Null for cells without a cell state. */
    public float[][][] c() {
        return all.size() < 2 ? null : all.get(1);
    }

    /** How many kinds of states there are: h and c, or those that a cell of a program's own declares. */
    public int count() {
        return all.size();
    }

    /**
     * A state of a cell of a program's own.
     *
     * @param number in the order of declaration
     * @return {@code [B][size]}
     */
    public float[][] rows(int number) {
        return all.get(number)[0];
    }

    /** Null where zeros are meant. */
    float[][][] get(int number) {
        return all.get(number);
    }

    static StateValues read(LayerState state) {
        return state.c() == null ? of(read(state.h())) : of(read(state.h()), read(state.c()));
    }

    /** Of states {@code [B, size]}. */
    static StateValues read(List<Variable> states) {
        return new StateValues(states.stream()
                .map(state -> read(
                        state.reshape(1, state.shape().dim(0), state.shape().dim(1))))
                .toList());
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
