package org.gatefold.layer.recurrent.state;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * The states of a recurrent layer as rows {@code [B, features]}, one for each kind of each layer and direction, and as one tensor of
 * each kind. Stateless.
 */
public final class RowStates {
    private RowStates() {}

    private static int kinds(RecurrentSpec spec) {
        return spec.cell().hasCellState() ? 2 : 1;
    }

    private static int size(RecurrentSpec spec, int kind) {
        return kind == 0 ? spec.projectionSize() : spec.hiddenSize();
    }

    public static List<Form> forms(RecurrentSpec spec) {
        List<Form> forms = new ArrayList<>();
        for (int set = 0; set < spec.weightSets(); set++) {
            for (int kind = 0; kind < kinds(spec); kind++) {
                forms.add(Form.rows(size(spec, kind)));
            }
        }
        return forms;
    }

    /** Parts of the states, which share their gradients. */
    public static List<Variable> rows(RecurrentSpec spec, LayerState state) {
        List<Variable> rows = new ArrayList<>();
        for (int set = 0; set < spec.weightSets(); set++) {
            for (int kind = 0; kind < kinds(spec); kind++) {
                Variable all = kind == 0 ? state.h() : state.c();
                Shape shape = Shape.of(all.shape().dim(1), size(spec, kind));
                rows.add(all.part(kind == 0 ? "h" : "c", set * shape.elements(), shape));
            }
        }
        return rows;
    }

    /** The states that rows are; null if there are none. */
    public static LayerState state(Context context, RecurrentSpec spec, List<Variable> rows) {
        if (rows.isEmpty()) {
            return null;
        }
        int kinds = kinds(spec);
        return new LayerState(stacked(context, rows, 0, kinds), kinds == 2 ? stacked(context, rows, 1, kinds) : null);
    }

    /** Every {@code step}-th value, one behind the other. */
    private static Variable stacked(Context context, List<Variable> rows, int first, int step) {
        Variable joined = rows.get(first);
        int batch = joined.shape().dim(0);
        int size = joined.shape().dim(1);
        int count = rows.size() / step;
        for (int i = 1; i < count; i++) {
            joined = Functional.concatenate(context, joined, rows.get(first + i * step));
        }
        if (count == 1) {
            return joined.reshape(1, batch, size);
        }
        int[] from = new int[count * batch];
        for (int i = 0; i < from.length; i++) {
            from[i] = i % batch * count + i / batch;
        }
        Variable states =
                context.output("initial state", joined.requiresGradient(), null, Shape.of(count, batch, size));
        PickedRows.of(context, joined, count, batch, from, null, states);
        return states;
    }

    /** Reports what {@link #state} and its way back take. */
    public static void account(StepMemory memory, RecurrentSpec spec, int batch) {
        int count = spec.weightSets();
        for (int kind = 0; count > 1 && kind < kinds(spec); kind++) {
            long rows = (long) batch * size(spec, kind);
            for (int i = 2; i <= count; i++) {
                memory.differentiable(rows * i);
            }
            memory.differentiable(rows * count);
            PickedRows.account(memory, (long) count * batch);
        }
    }
}
