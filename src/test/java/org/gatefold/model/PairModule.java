package org.gatefold.model;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A module as a program of its own would write it: one reader of two inputs, whose order plays a part in one output, a loop
 * over one layer, and a learned offset beside the layers.
 */
public final class PairModule extends Module {
    private static final int ROUNDS = 2;

    private final int units;
    private final Lstm reader;
    private final Linear refine;
    private final Linear total;
    private final Linear side;
    private final Parameter start;

    public PairModule(int units) {
        this.units = units;
        Form left = input("left", Form.sequences(1));
        input("right", Form.sequences(1));
        reader = layer(Lstm.of(units).named("reader"), left);
        refine = layer(Linear.of(units).named("refine"), reader.output());
        total = layer(Linear.of(1).named("total"), reader.output());
        side = layer(Linear.of(2).named("side"), Form.rows(2 * units));
        start = parameter("start", Shape.of(1, units), Initializer.uniform(0.1f));
        output("total", total.output());
        output("side", side.output());
    }

    /** Called when a model of this module is loaded. */
    public static PairModule described(Options options) {
        return new PairModule(options.integer("units"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("units", units);
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable a = reader.forward(context, inputs.get("left"));
        Variable b = reader.forward(context, inputs.get("right"));
        Variable h = shifted(context, Merge.ADD.of(context, a, b));
        for (int round = 0; round < ROUNDS; round++) {
            h = Merge.ADD.of(context, h, refine.forward(context, h));
        }
        return Map.of(
                "total", total.forward(context, h),
                "side", side.forward(context, Merge.CONCATENATE.of(context, a, b)));
    }

    /** Adds the learned offset to the first row alone: enough to see that it is learned. */
    private Variable shifted(Context context, Variable h) {
        ElementwiseOp elementwise = context.op(ElementwiseOp.class);
        Variable y = context.output("y", true, null, h.shape());
        y.value().copyFrom(h.value());
        Tensor first = y.value().part("first", 0, start.shape());
        elementwise.addScaled(1f, start.value(), first);
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                elementwise.addScaled(1f, y.gradient().part("dfirst", 0, start.shape()), start.gradient());
                if (h.requiresGradient()) {
                    Tensor dh = h.contribution();
                    dh.copyFrom(y.gradient());
                    h.contributed(dh);
                }
            });
        }
        return y;
    }
}
