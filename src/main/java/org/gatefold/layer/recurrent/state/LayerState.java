package org.gatefold.layer.recurrent.state;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.tensor.Tensor;

/**
 * The states of a recurrent layer at one end of a sequence, as variables.
 *
 * @param h {@code [L·D, B, P]}, index {@code layer * D + direction}; P is H without a projection
 * @param c {@code [L·D, B, H]}; null for cells without a cell state
 */
public record LayerState(Variable h, Variable c) {
    /** The same states with gradients stopped: the border of a window in truncated back-propagation through time. */
    public LayerState detached() {
        return new LayerState(h.detached(), c == null ? null : c.detached());
    }

    public boolean requiresGradient() {
        return h.requiresGradient() || (c != null && c.requiresGradient());
    }

    public boolean hasGradient() {
        return h.hasGradient() || (c != null && c.hasGradient());
    }

    public RecurrentState values() {
        return new RecurrentState(h.value(), c == null ? null : c.value());
    }

    public RecurrentState gradients() {
        return new RecurrentState(h.gradient(), c == null ? null : c.gradient());
    }

    /** Where a backward pass writes: a contribution where a gradient is wanted, else memory nobody reads. */
    public RecurrentState contribution(Context context) {
        return new RecurrentState(contribution(context, h), c == null ? null : contribution(context, c));
    }

    private static Tensor contribution(Context context, Variable state) {
        return state.requiresGradient() ? state.contribution() : context.scope().f32("unused gradient", state.shape());
    }

    public void contributed(RecurrentState written) {
        contributed(h, written.h());
        if (c != null) {
            contributed(c, written.c());
        }
    }

    private static void contributed(Variable state, Tensor written) {
        if (state.requiresGradient()) {
            state.contributed(written);
        }
    }
}
