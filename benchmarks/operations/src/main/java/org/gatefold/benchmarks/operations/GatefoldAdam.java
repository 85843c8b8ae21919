package org.gatefold.benchmarks.operations;

import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** Updates of one matrix of weights by Adam on Gatefold's CPU device, the gradients being given. */
final class GatefoldAdam implements Side {
    static final float RATE = 1e-3f;

    private final Device device;
    private final Scope scope;
    private final Tensor weights;
    private final Tensor gradients;
    private final OptimizerPlan plan;
    private long step;

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    GatefoldAdam(int count, int threads) {
        device = Devices.cpu(threads);
        scope = device.openScope("operation");
        weights = scope.f32("weights", count);
        weights.write(Numbers.floats(count, 1));
        gradients = scope.f32("gradients", count);
        gradients.write(Numbers.floats(count, 2));
        Segments segments = new Segments(List.of(new Segments.Segment("w", 0, count, 1f, 1f)));
        OptimizerSpec spec =
                new OptimizerSpec(new UpdateRule.Adam(0.9f, 0.999f, 1e-8f), UpdateRule.Penalty.NONE, segments);
        plan = device.operation(OptimizerOp.class).plan(scope, spec, weights, gradients);
    }

    float[] weights() {
        return weights.toFloats();
    }

    float[] gradients() {
        return gradients.toFloats();
    }

    @Override
    public void run(Pass pass) {
        plan.update(RATE, ++step, null);
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        run(pass);
        return Map.of("w", weights.toFloats());
    }

    @Override
    public void close() {
        plan.close();
        scope.close();
        device.close();
    }
}
