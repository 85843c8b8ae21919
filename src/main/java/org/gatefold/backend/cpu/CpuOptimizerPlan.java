package org.gatefold.backend.cpu;

import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;

/** One optimiser on the native engine. Its segments lie in native memory. One thread at a time. */
final class CpuOptimizerPlan extends OptimizerPlan {
    private static final int SGD = 0;
    private static final int RMSPROP = 1;
    private static final int ADAM = 2;

    private final Engine engine;
    private final Tensor segmentTable;
    private final int[] integers;
    private final float[] floats;

    CpuOptimizerPlan(Engine engine, Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        super(scope, spec, parameters, gradients);
        this.engine = engine;
        this.segmentTable = scope.i32("segments", Segments.WORDS * segments().count());
        segmentTable.write(segments().words());
        UpdateRule.Penalty penalty = penalty();
        int decoupled = penalty.decoupled() ? 1 : 0;
        if (rule() instanceof UpdateRule.Sgd sgd) {
            integers = new int[] {SGD, sgd.nesterov() ? 1 : 0, 0, decoupled};
            floats = new float[] {0, sgd.momentum(), sgd.dampening(), 0, 0, 0, 0, penalty.l1(), penalty.l2()};
        } else if (rule() instanceof UpdateRule.RmsProp rms) {
            integers = new int[] {RMSPROP, 0, rms.centered() ? 1 : 0, decoupled};
            floats = new float[] {0, rms.momentum(), 0, rms.alpha(), 0, 0, rms.epsilon(), penalty.l1(), penalty.l2()};
        } else if (rule() instanceof UpdateRule.Adam adam) {
            integers = new int[] {ADAM, 0, 0, decoupled};
            floats = new float[] {0, 0, 0, 0, adam.beta1(), adam.beta2(), adam.epsilon(), penalty.l1(), penalty.l2()};
        } else {
            throw new IllegalStateException("unknown rule " + rule());
        }
    }

    @Override
    protected void computeGradientNorm(float maxNorm, float lossScale, Tensor squares, Tensor result) {
        engine.run(
                "gradient norm",
                e -> NativeLibrary.gradientNorm(
                        e,
                        gradients().address(),
                        segments().count(),
                        segmentTable.address(),
                        maxNorm,
                        lossScale,
                        squares.address(),
                        result.address()));
    }

    @Override
    protected void computeClipValue(float limit) {
        engine.run(
                "gradient clipping",
                e -> NativeLibrary.clipValue(
                        e, gradients().elements(), limit, gradients().address()));
    }

    @Override
    protected void computeUpdate(float learningRate, long step, Tensor scale) {
        floats[0] = learningRate;
        List<Tensor> states = states();
        boolean centered = integers[2] == 1;
        // The library's third state is RMSProp's momentum, whether or not there is a second.
        boolean momentumLast = integers[0] == RMSPROP && !centered;
        engine.run(
                "optimizer step",
                e -> NativeLibrary.optimizerStep(
                        e,
                        integers,
                        step,
                        floats,
                        parameters().address(),
                        gradients().address(),
                        state(states, 0),
                        momentumLast ? 0 : state(states, 1),
                        momentumLast ? state(states, 1) : state(states, 2),
                        segments().count(),
                        segmentTable.address(),
                        Addresses.of(scale)));
    }

    private static long state(List<Tensor> states, int index) {
        return index < states.size() ? states.get(index).address() : 0;
    }
}
