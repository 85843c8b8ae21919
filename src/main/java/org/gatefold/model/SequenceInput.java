package org.gatefold.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.recurrent.state.StateValues;
import org.gatefold.tensor.Mask;

/**
 * Sequences to predict from, with which of their steps are real and where recurrent layers start. Immutable but for the arrays,
 * which stay the caller's.
 */
public final class SequenceInput {
    private final float[][][] values;
    private final int[] lengths;
    private final boolean[][] mask;
    private final Map<String, StateValues> states;

    private SequenceInput(float[][][] values, int[] lengths, boolean[][] mask, Map<String, StateValues> states) {
        this.values = values;
        this.lengths = lengths;
        this.mask = mask;
        this.states = Map.copyOf(states);
    }

    /**
     * Sequences of which all steps are real.
     *
     * @param values {@code [B][T][features]}; rows may be of unequal length
     */
    public static SequenceInput of(float[][][] values) {
        return new SequenceInput(values, null, null, Map.of());
    }

    /** The same with so many real steps of each row, the first ones; takes the place of a mask. */
    public SequenceInput lengths(int... each) {
        return new SequenceInput(values, each, null, states);
    }

    /**
     * The same with a mask, as Keras' {@code mask}: true where a step is real. States stand still where it is not, and outputs
     * are those of the real step read before, or zeros if the layer says so. Takes the place of lengths.
     *
     * @param real {@code [B][T]}
     */
    public SequenceInput mask(boolean[]... real) {
        return new SequenceInput(values, null, real, states);
    }

    /** The same with states that a recurrent layer, built in or of a program's own cell, starts from, by the layer's name. */
    public SequenceInput state(String layer, StateValues initial) {
        Map<String, StateValues> all = new LinkedHashMap<>(states);
        all.put(layer, initial);
        return new SequenceInput(values, lengths, mask, all);
    }

    Map<String, StateValues> states() {
        return states;
    }

    int rows() {
        return values.length;
    }

    Variable upload(Context context) {
        if (mask == null) {
            return BatchFirst.sequences(context, values, lengths);
        }
        if (mask.length != values.length) {
            throw new IllegalArgumentException(
                    "mask: expected " + values.length + " rows as the sequences, got " + mask.length);
        }
        for (int row = 0; row < mask.length; row++) {
            if (mask[row].length != values[row].length) {
                throw new IllegalArgumentException("mask[" + row + "]: expected " + values[row].length
                        + " steps as the sequence, got " + mask[row].length);
            }
        }
        Variable padded = BatchFirst.sequences(context, values, null);
        return Variable.constant(
                padded.value(), context.scope().lengths(Mask.of(padded.shape().dim(0), mask)));
    }
}
