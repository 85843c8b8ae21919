package org.gatefold.layer.recurrent.state;

import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.CarriedTensors;
import org.gatefold.layer.Context;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Tensor;

/**
 * States of a recurrent layer that outlive a step: kept at the end of one window of a long sequence, taken up at the
 * start of the next, without gradients across the border.
 *
 * <p>Owns its memory through a child of the scope it was made in, which must outlive the steps. One thread at a time.
 */
public final class CarriedState extends CarriedTensors {
    private final Tensor h;
    private final boolean hasC;

    public CarriedState(Scope parent, RecurrentSpec spec) {
        super(parent);
        h = add("carried h", spec.weightSets(), spec.batch(), spec.projectionSize());
        hasC = spec.cell().hasCellState();
        if (hasC) {
            add("carried c", spec.weightSets(), spec.batch(), spec.hiddenSize());
        }
    }

    /** Rows it holds states of. */
    public int batch() {
        return h.shape().dim(1);
    }

    /**
     * The states as constants, copied to the arena of the step, so that the backward pass finds them as they were; null
     * if nothing was kept since the start or the last {@link #clear()}.
     */
    public LayerState state(Context context) {
        List<Variable> copies = copies(context);
        return copies == null ? null : new LayerState(copies.get(0), hasC ? copies.get(1) : null);
    }

    /** Copies states, of the same shape, to be taken up later. */
    public void keep(LayerState state) {
        keep(hasC ? List.of(state.h(), state.c()) : List.of(state.h()));
    }
}
