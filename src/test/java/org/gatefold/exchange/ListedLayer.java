package org.gatefold.exchange;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.Form;

/** Passes on what comes, and has an option of a kind that descriptions do not keep. */
final class ListedLayer extends Layer {
    @Override
    protected Map<String, Object> options() {
        return Map.of("sizes", List.of(1, 2));
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return in;
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return x;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {}
}
