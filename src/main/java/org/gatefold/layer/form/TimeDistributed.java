package org.gatefold.layer.form;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;

/**
 * Layers of rows applied to every step of sequences, one after the other: convolutions and pooling to each frame of a film; Keras'
 * TimeDistributed. They get the real steps alone, as a batch of rows, so that padding disturbs no statistics; in padding it gives 0.
 *
 * <p>Parameters are those of the layers, named {@code NAME.0.…}, {@code NAME.1.…} and so on.
 */
public final class TimeDistributed extends Layer {
    private final List<Layer> layers;

    private TimeDistributed(List<Layer> layers) {
        this.layers = List.copyOf(layers);
    }

    /**
     * Wraps layers that are not built yet.
     *
     * @param layers at least one; each takes what the one before gives
     */
    public static TimeDistributed of(Layer... layers) {
        if (layers.length == 0) {
            throw new IllegalArgumentException("layers: expected at least one, got none");
        }
        return new TimeDistributed(List.of(layers));
    }

    static TimeDistributed described(Options options) {
        Options described = options.map("layers");
        List<Layer> layers = new ArrayList<>();
        while (described.has(String.valueOf(layers.size()))) {
            layers.add(Layers.wrapped(described.map(String.valueOf(layers.size()))));
        }
        return of(layers.toArray(Layer[]::new));
    }

    /** The layers that each step goes through. */
    public List<Layer> wrapped() {
        return layers;
    }

    @Override
    public boolean computesIn(Precision precision) {
        return layers.stream().anyMatch(layer -> layer.computesIn(precision));
    }

    @Override
    public boolean carriesStates() {
        return layers.stream().anyMatch(Layer::carriesStates);
    }

    @Override
    protected Map<String, Object> options() {
        Map<String, Object> described = new LinkedHashMap<>();
        for (Layer layer : layers) {
            described.put(String.valueOf(described.size()), Layers.wrapping(layer));
        }
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("layers", described);
        return options;
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        Form form = in.withSequence(false);
        for (int i = 0; i < layers.size(); i++) {
            form = layers.get(i).build(parameters, name() + "." + i, form);
        }
        if (form.sequence()) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected layers that give rows, got ones that give sequences " + form);
        }
        return form.withSequence(true);
    }

    @Override
    protected void stream(StreamStates states) {
        for (Layer layer : layers) {
            states.add(layer);
            if (states.has(layer)) {
                throw states.refusal(this, "applies '" + layer.name() + "', which carries states, to each step anew");
            }
        }
    }

    @Override
    protected Variable apply(Context context, Variable masked) {
        Variable x = RealSteps.gather(context, masked);
        Variable y = ofSteps(context, x);
        return x == masked ? y : RealSteps.scatter(context, y, masked.lengths(), new boolean[1], false);
    }

    /** Of sequences whose real steps stand at the beginning of their rows. */
    private Variable ofSteps(Context context, Variable x) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Lengths lengths = x.lengths();
        int real = lengths == null ? steps * batch : Math.toIntExact(lengths.total());
        if (real == steps * batch) {
            Variable rows = x.reshape(
                    input().withSequence(false).shape(1, steps * batch).toArray());
            return through(context, rows)
                    .reshape(lengths, output().shape(steps, batch).toArray());
        }
        if (real == 0) {
            Variable none = context.output("y", false, lengths, output().shape(steps, batch));
            none.value().fill(0f);
            return none;
        }
        int[] from = new int[real];
        int[] back = new int[steps * batch];
        int next = 0;
        for (int i = 0; i < back.length; i++) {
            if (i / batch < lengths.of(i % batch)) {
                from[next] = i;
                back[i] = next++;
            }
        }
        Variable rows = context.output(
                "real rows",
                x.requiresGradient(),
                null,
                input().withSequence(false).shape(1, real));
        PickedRows.of(context, x, 1, real, from, null, rows);
        Variable made = through(context, rows);
        Variable y = context.output("y", made.requiresGradient(), lengths, output().shape(steps, batch));
        PickedRows.of(context, made, steps, batch, back, lengths, y);
        return y;
    }

    private Variable through(Context context, Variable rows) {
        Variable y = rows;
        for (Layer layer : layers) {
            y = layer.forward(context, y);
        }
        return y;
    }

    /** As if all steps were real. */
    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        int rows = Math.multiplyExact(steps, batch);
        memory.differentiable(input().elements(steps, batch));
        PickedRows.account(memory, rows);
        for (Layer layer : layers) {
            layer.footprint(memory, 1, rows);
        }
        memory.differentiable(output().elements(steps, batch));
        PickedRows.account(memory, rows);
    }
}
