package org.gatefold.backend.cpu;

import com.google.errorprone.annotations.MustBeClosed;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.tensor.Tensor;

/** Optimisers by the native engine. Thread-safe. */
final class CpuOptimizerOp extends CpuOperation implements OptimizerOp {
    CpuOptimizerOp(Engine engine) {
        super(engine);
    }

    @Override
    @MustBeClosed
    public OptimizerPlan planIn(Scope own, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        return new CpuOptimizerPlan(engine, own, spec, parameters, gradients);
    }
}
