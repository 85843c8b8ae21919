package org.gatefold.layer.cell;

import java.util.Arrays;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.op.elementwise.Activation;

/** What cells with four gates have in common. Stateless. */
final class Gates {
    private Gates() {}

    /** Biases of four gates, zero but for one gate's, which are one (Jozefowicz et al. 2015, of a forget gate). */
    static float[] biases(int units, int gate) {
        float[] values = new float[4 * units];
        Arrays.fill(values, gate * units, (gate + 1) * units, 1f);
        return values;
    }

    /**
     * What an LSTM has after a step.
     *
     * @param c its cell state
     * @param o its output gate
     */
    record Lstm(Variable c, Variable o) {}

    /**
     * {@code c = σ(f) ⊙ c' + σ(i) ⊙ tanh(g)} of sums in the order of the built-in LSTM, i, f, g, o.
     *
     * @param sums of all gates {@code [B, 4·H]}
     * @param before the cell state of the step before
     */
    static Lstm lstm(Context context, Variable sums, Variable before) {
        Variable[] gates = Functional.split(context, sums, 4);
        Variable i = Functional.activate(context, Activation.SIGMOID, gates[0]);
        Variable f = Functional.activate(context, Activation.SIGMOID, gates[1]);
        Variable g = Functional.activate(context, Activation.TANH, gates[2]);
        Variable o = Functional.activate(context, Activation.SIGMOID, gates[3]);
        Variable kept = Functional.multiply(context, f, before);
        return new Lstm(Functional.add(context, kept, Functional.multiply(context, i, g)), o);
    }
}
