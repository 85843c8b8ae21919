package org.gatefold.backend.reference.operation;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.tensor.Tensor;

/** Optimisers in plain Java. Stateless. */
public final class ReferenceOptimizerOp extends ReferenceOperation implements OptimizerOp {
    @Override
    @MustBeClosed
    public OptimizerPlan planIn(Scope own, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        return new ReferenceOptimizerPlan(own, spec, parameters, gradients);
    }
}
