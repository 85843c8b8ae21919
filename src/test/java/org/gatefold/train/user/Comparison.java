package org.gatefold.train.user;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Linear;
import org.gatefold.layer.Options;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Merge;
import org.gatefold.model.Module;
import org.gatefold.tensor.Form;

/** A module as a program of its own would write it: one reader of two inputs, whose order plays a part in one output. */
public final class Comparison extends Module {
    private final int units;
    private final Lstm reader;
    private final Linear total;
    private final Linear side;

    public Comparison(int units) {
        this.units = units;
        Form left = input("left", Form.sequences(1));
        input("right", Form.sequences(1));
        reader = layer(Lstm.of(units).named("reader"), left);
        total = layer(Linear.of(1).named("total"), reader.output());
        side = layer(Linear.of(2).named("side"), Form.rows(2 * units));
        output("total", total.output());
        output("side", side.output());
    }

    /** Called when a model of this module is loaded. */
    public static Comparison described(Options options) {
        return new Comparison(options.integer("units"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("units", units);
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable a = reader.forward(context, inputs.get("left"));
        Variable b = reader.forward(context, inputs.get("right"));
        return Map.of(
                "total", total.forward(context, Merge.ADD.of(context, a, b)),
                "side", side.forward(context, Merge.CONCATENATE.of(context, a, b)));
    }
}
