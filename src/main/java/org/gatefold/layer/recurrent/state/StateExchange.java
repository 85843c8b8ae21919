package org.gatefold.layer.recurrent.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/**
 * States that a caller hands to recurrent layers for one pass, and gets back from them, by the layers' names. Attached to the
 * pass's context ({@link Context#attach}). One thread at a time.
 */
public final class StateExchange {
    private final Map<String, StateValues> initial;
    private final Map<String, StateValues> last = new LinkedHashMap<>();

    /**
     * @param initial states before the first step; layers that are not named start from zeros, or from what they carry
     */
    public StateExchange(Map<String, StateValues> initial) {
        this.initial = Map.copyOf(initial);
    }

    /** States after each row's last real step, of all recurrent layers that ran. */
    public Map<String, StateValues> last() {
        return last;
    }

    /** The names of states that no layer took. */
    public Set<String> unused() {
        Set<String> names = new TreeSet<>(initial.keySet());
        names.removeAll(last.keySet());
        return names;
    }

    /** The states for a layer, in the arena of the step; null if none were given. */
    public LayerState initial(Context context, String layer, RecurrentSpec spec) {
        StateValues given = initial.get(layer);
        if (given == null) {
            return null;
        }
        if (given.count() > 2) {
            throw new IllegalArgumentException("states of '" + layer + "': expected h and c, got " + given.count());
        }
        boolean cell = spec.cell().hasCellState();
        if (!cell && given.c() != null) {
            throw new IllegalArgumentException(
                    "states of '" + layer + "': c: expected null, a " + spec.cell() + " has no cell state");
        }
        String argument = "states of '" + layer + "': ";
        return new LayerState(
                state(context, argument + "h", given.h(), spec, spec.projects() ? "P" : "H", spec.projectionSize()),
                cell ? state(context, argument + "c", given.c(), spec, "H", spec.hiddenSize()) : null);
    }

    /**
     * The states for a layer whose cell declares them itself, in the arena of the step; null if none were given.
     *
     * @param forms of the states, rows
     */
    public List<Variable> initial(Context context, String layer, int batch, List<Form> forms) {
        StateValues given = initial.get(layer);
        if (given == null) {
            return null;
        }
        if (given.count() != forms.size()) {
            throw new IllegalArgumentException(
                    "states of '" + layer + "': expected " + forms.size() + ", got " + given.count());
        }
        List<Variable> states = new ArrayList<>();
        for (int i = 0; i < forms.size(); i++) {
            int size = forms.get(i).features();
            Tensor state = context.scope().f32("initial state", 1, batch, size);
            StateValues.write("states of '" + layer + "': " + i, "[1][B][" + size + "]", given.get(i), state);
            states.add(Variable.constant(state).reshape(batch, size));
        }
        return states;
    }

    private static Variable state(
            Context context, String argument, float[][][] values, RecurrentSpec spec, String name, int size) {
        Tensor state = context.scope().f32("initial state", spec.weightSets(), spec.batch(), size);
        StateValues.write(argument, "[L*D][B][" + name + "]", values, state);
        return Variable.constant(state);
    }

    public void keep(String layer, LayerState state) {
        last.put(layer, StateValues.read(state));
    }

    /**
     * Takes the states that a layer whose cell declares them itself ended with.
     *
     * @param states each {@code [B, size]}
     */
    public void keep(String layer, List<Variable> states) {
        last.put(layer, StateValues.read(states));
    }
}
