package org.gatefold.layer.cell;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Shape;

/** The plain LSTM as a program would write it. */
public final class WrittenLstm extends CellFunction {
    private final int units;
    private Parameter wx;
    private Parameter wh;
    private Parameter b;

    WrittenLstm(int units) {
        this.units = units;
    }

    public static WrittenLstm described(Options options) {
        return new WrittenLstm(options.integer("units"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("units", units);
    }

    @Override
    protected int declare(CellParts parts, int features) {
        wx = parts.parameter("wx", Shape.of(4 * units, features), Initializer.GLOROT_UNIFORM);
        wh = parts.parameter("wh", Shape.of(4 * units, units), Initializer.ORTHOGONAL);
        b = parts.parameter("b", Shape.of(4 * units), Initializer.ZEROS);
        parts.state(units);
        parts.state(units);
        return units;
    }

    @Override
    protected Variable prepare(Context context, Variable x) {
        return Functional.linear(context, x, wx, b);
    }

    @Override
    protected Variable step(Context context, Variable x, CellStates states) {
        Variable[] gates = Functional.split(
                context, Functional.add(context, x, Functional.linear(context, states.get(0), wh, null)), 4);
        Variable kept =
                Functional.multiply(context, Functional.activate(context, Activation.SIGMOID, gates[1]), states.get(1));
        Variable news = Functional.multiply(
                context,
                Functional.activate(context, Activation.SIGMOID, gates[0]),
                Functional.activate(context, Activation.TANH, gates[2]));
        Variable c = states.set(1, Functional.add(context, kept, news));
        return states.set(
                0,
                Functional.multiply(
                        context,
                        Functional.activate(context, Activation.SIGMOID, gates[3]),
                        Functional.activate(context, Activation.TANH, c)));
    }
}
