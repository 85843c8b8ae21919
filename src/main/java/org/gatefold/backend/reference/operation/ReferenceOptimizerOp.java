package org.gatefold.backend.reference.operation;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.tensor.Tensor;

/** Optimisers in plain Java. Stateless. */
public final class ReferenceOptimizerOp implements OptimizerOp {
    @Override
    public String name() {
        return ReferenceName.NAME;
    }

    @Override
    @MustBeClosed
    public OptimizerPlan planIn(Scope own, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        return new ReferenceOptimizerPlan(own, spec, parameters, gradients);
    }
}
