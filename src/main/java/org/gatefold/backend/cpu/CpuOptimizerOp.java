package org.gatefold.backend.cpu;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** Optimisers by the native engine. Thread-safe. */
final class CpuOptimizerOp implements OptimizerOp {
    private final Engine engine;

    CpuOptimizerOp(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return CpuBackend.NAME;
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
            return new CpuOptimizerPlan(engine, own, rule, penalty, segments, parameters, gradients);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }
}
