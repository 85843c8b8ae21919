package org.gatefold.layer;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/** States that a layer keeps from batch to batch, without gradients across the border, in a scope of their own. */
public abstract class CarriedTensors implements Carried {
    private final Scope scope;
    private final List<Tensor> tensors = new ArrayList<>();
    private boolean filled;

    protected CarriedTensors(Scope parent) {
        scope = parent.child("carried state");
    }

    /** Makes room for one more. */
    protected final Tensor add(String name, int... dimensions) {
        Tensor tensor = scope.f32(name, dimensions);
        tensors.add(tensor);
        return tensor;
    }

    /**
     * The states as constants, copied to the arena of the step, so that the backward pass finds them as they were; null
     * if nothing was kept since the start or the last {@link #clear()}.
     */
    public final List<Variable> copies(Context context) {
        if (!filled) {
            return null;
        }
        List<Variable> copies = new ArrayList<>();
        for (Tensor tensor : tensors) {
            Tensor copy = context.scope().f32(tensor.name(), tensor.shape());
            copy.copyFrom(tensor);
            copies.add(Variable.constant(copy));
        }
        return copies;
    }

    /** Copies states, one for each that there is room for, to be taken up later. */
    public final void keep(List<Variable> states) {
        for (int i = 0; i < tensors.size(); i++) {
            tensors.get(i).copyFrom(states.get(i).value());
        }
        filled = true;
    }

    /** Forgets the states: the next window starts from zeros. */
    @Override
    public final void clear() {
        filled = false;
    }

    /** Frees the memory. */
    @Override
    public final void close() {
        scope.close();
    }
}
