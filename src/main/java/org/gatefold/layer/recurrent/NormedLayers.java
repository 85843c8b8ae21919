package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.recurrent.norm.InputNorm;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.norm.NormOp;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The layers of a stack whose input products are normalised: one after the other where statistics are those of a batch, or gradients flow
 * through the weights, for what a layer reads is known once the one below has computed it. Otherwise all in one pass, by weights with the
 * running statistics in them. As {@link Recurrent}.
 */
final class NormedLayers {
    private final Recurrent all;
    private final ParameterStore store;
    private final List<Recurrent> layers = new ArrayList<>();
    private final List<InputNorm> norms;
    private final Dropout between;
    private RecurrentWeights folded;
    private Tensor zeros;
    private long version;

    /**
     * @param layers each by itself
     * @param norms of each layer
     */
    NormedLayers(Recurrent all, ParameterStore store, List<Recurrent> layers, List<InputNorm> norms) {
        RecurrentSpec form = all.form();
        this.all = all;
        this.store = store;
        this.layers.addAll(layers);
        this.norms = List.copyOf(norms);
        between = Dropout.of(form.dropout());
        between.build(store, "between", Form.sequences(form.outputSize()));
    }

    /** The weights for inference, which follow those of the layers. */
    synchronized RecurrentWeights weights(Device device) {
        if (folded == null) {
            zeros = store.zeros("zeros", Shape.of(all.form().gateRows()));
            List<RecurrentWeights.Set> sets = new ArrayList<>();
            for (RecurrentWeights.Set set : all.weights().sets()) {
                sets.add(set.withInput(
                        store.zeros("folded wx", set.wx().shape()),
                        store.zeros("folded b", set.b().shape())));
            }
            folded = new RecurrentWeights(sets);
            version = -1;
        }
        long now = store.version();
        if (version != now) {
            int directions = all.form().directions();
            for (int i = 0; i < norms.size(); i++) {
                norms.get(i)
                        .write(
                                device.operation(NormOp.class),
                                zeros,
                                folded.sets().subList(i * directions, (i + 1) * directions));
            }
            version = now;
        }
        return folded;
    }

    Recurrent.Result run(Context context, Variable x, LayerState initial, boolean wantLast) {
        LayerState last = wantLast ? all.states(context, x, initial) : null;
        Variable y = x;
        for (int i = 0; i < layers.size(); i++) {
            Recurrent layer = layers.get(i);
            InputNorm norm = norms.get(i);
            Variable in = i == 0 ? x : between.forward(context, y);
            InputNorm.Folded given = norm.fold(context, in, layer.isTrainable() || norm.hasTrainableGains());
            y = layer.pass(context, given.x(), part(initial, i), part(last, i), given);
        }
        return new Recurrent.Result(y, last);
    }

    /** The states of a layer among those of all. */
    private LayerState part(LayerState states, int layer) {
        return states == null || layers.size() == 1
                ? states
                : new LayerState(part(states.h(), layer), states.c() == null ? null : part(states.c(), layer));
    }

    private Variable part(Variable states, int layer) {
        int directions = all.form().directions();
        Shape one = Shape.of(directions, states.shape().dim(1), states.shape().dim(2));
        return states.part("state of a layer", layer * one.elements(), one);
    }

    boolean isTrainable() {
        return norms.stream().anyMatch(InputNorm::hasTrainableGains)
                || layers.stream().anyMatch(Recurrent::isTrainable);
    }

    /** Reports what a pass and its way back take beyond the last layer's outputs and all states. */
    void account(StepMemory memory, int steps, int batch) {
        long rows = (long) steps * batch;
        for (int i = 0; i < layers.size(); i++) {
            RecurrentSpec spec = layers.get(i).spec(steps, batch, true);
            memory.plan(RecurrentOp.FAMILY, spec);
            layers.get(i).accountDropped(memory);
            norms.get(i).account(memory, spec.inputSize(), rows);
            if (i > 0) {
                memory.differentiable(rows * spec.inputSize());
                between.footprint(memory, steps, batch);
            }
        }
    }
}
