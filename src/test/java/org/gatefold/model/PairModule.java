package org.gatefold.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Linear;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** A module as a program of its own would write it: a loop over one cell's layer, and a learned offset beside the layers. */
public final class PairModule extends Module {
    private final int rounds;
    private final Form series = input("series", Form.sequences(1));
    private final Lstm encoder = layer(Lstm.of(4).named("encoder"), series);
    private final Linear refine = layer(Linear.of(4).named("refine"), encoder.output());
    private final Linear sum = layer(Linear.of(1).named("sum"), encoder.output());
    private final Linear sign = layer(Linear.of(2).named("sign"), encoder.output());
    private final Parameter start = parameter("start", Shape.of(1, 4), Initializer.uniform(0.1f));

    public PairModule(int rounds) {
        this.rounds = rounds;
        output("sum", sum.output());
        output("sign", sign.output());
    }

    /** Called when a model of this module is loaded. */
    public static PairModule described(Options options) {
        return new PairModule(options.integer("rounds"));
    }

    @Override
    protected Map<String, Object> options() {
        return Map.of("rounds", rounds);
    }

    @Override
    protected Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        Variable h = shifted(context, encoder.forward(context, inputs.get("series")));
        for (int round = 0; round < rounds; round++) {
            h = Merge.ADD.of(context, h, refine.forward(context, h));
        }
        Map<String, Variable> outputs = new LinkedHashMap<>();
        outputs.put("sum", sum.forward(context, h));
        outputs.put("sign", sign.forward(context, h));
        return outputs;
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
