package org.gatefold.backend.reference;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** Optimisers in plain Java. Stateless. */
final class ReferenceOptimizerOp implements OptimizerOp {
    @Override
    public String name() {
        return ReferenceBackend.NAME;
    }

    @Override
    @MustBeClosed
    public OptimizerPlan plan(
            Scope scope,
            UpdateRule rule,
            UpdateRule.Penalty penalty,
            Segments segments,
            Tensor parameters,
            Tensor gradients) {
        Scope own = scope.child("optimizer plan");
        try {
            return new ReferenceOptimizerPlan(own, rule, penalty, segments, parameters, gradients);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }
}
