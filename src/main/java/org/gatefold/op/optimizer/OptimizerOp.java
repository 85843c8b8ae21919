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
    OptimizerPlan plan(
            Scope scope,
            UpdateRule rule,
            UpdateRule.Penalty penalty,
            Segments segments,
            Tensor parameters,
            Tensor gradients);
}
