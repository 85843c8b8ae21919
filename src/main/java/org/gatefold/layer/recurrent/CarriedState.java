package org.gatefold.layer.recurrent;

import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.layer.Context;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Tensor;

/**
 * States of a recurrent layer that outlive a step: kept at the end of one window of a long sequence, taken up at the
 * start of the next, without gradients across the border.
 *
 * <p>Owns its memory through a child of the scope it was made in, which must outlive the steps. One thread at a time.
 */
public final class CarriedState implements Carried {
    private final Scope scope;
    private final Tensor h;
    private final Tensor c;
    private boolean filled;

    CarriedState(Scope parent, RecurrentSpec spec) {
        scope = parent.child("carried state");
        h = scope.f32("carried h", spec.weightSets(), spec.batch(), spec.projectionSize());
        c = spec.cell().hasCellState()
                ? scope.f32("carried c", spec.weightSets(), spec.batch(), spec.hiddenSize())
                : null;
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
        if (!filled) {
            return null;
        }
        return new LayerState(copy(context, h), c == null ? null : copy(context, c));
    }

    private static Variable copy(Context context, Tensor kept) {
        Tensor copy = context.scope().f32(kept.name(), kept.shape());
        copy.copyFrom(kept);
        return Variable.constant(copy);
    }

    /** Copies states, of the same shape, to be taken up later. */
    public void keep(LayerState state) {
        h.copyFrom(state.h().value());
        if (c != null) {
            c.copyFrom(state.c().value());
        }
        filled = true;
    }

    /** Forgets the states: the next window starts from zeros. */
    @Override
    public void clear() {
        filled = false;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        scope.close();
    }
}
