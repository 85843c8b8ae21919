package org.gatefold.op.optimizer;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;

/** Updates of all parameters in one pass over one flat buffer. Thread-safe. */
public interface OptimizerOp extends Operation {
    /**
     * Makes a plan for a parameter buffer; its state tensors are zeros in a child of {@code scope}.
     *
     * @param parameters {@code [P]}, read and written by updates
     * @param gradients {@code [P]}, read by updates
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    default OptimizerPlan plan(Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        return scope.child("optimizer plan", own -> planIn(own, spec, parameters, gradients));
    }

    /** Implemented by backends. {@code own} is the plan's and is closed with it, or by the caller if that fails. */
    @MustBeClosed
    OptimizerPlan planIn(Scope own, OptimizerSpec spec, Tensor parameters, Tensor gradients);
}
