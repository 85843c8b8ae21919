package org.gatefold.backend.cpu;

import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.tensor.Tensor;

/** One optimiser on the native engine. Its segments lie in native memory. One thread at a time. */
final class CpuOptimizerPlan extends OptimizerPlan {
    private final Engine engine;
    private final NativeUpdate settings;

    CpuOptimizerPlan(Engine engine, Scope scope, OptimizerSpec spec, Tensor parameters, Tensor gradients) {
        super(scope, spec, parameters, gradients);
        this.engine = engine;
        this.settings = new NativeUpdate(rule(), penalty());
    }

    @Override
    protected void computeGradientNorm(float maxNorm, float lossScale, Tensor required, Tensor squares, Tensor result) {
        engine.run(
                "gradient norm",
                e -> NativeLibrary.gradientNorm(
                        e,
                        gradients().address(),
                        table().count(),
                        table().words().address(),
                        maxNorm,
                        lossScale,
                        required == null ? 0 : required.elements(),
                        Addresses.of(required),
                        squares.address(),
                        result.address()));
    }

    @Override
    protected void computeClipValue(float limit) {
        if (!table().isLimited()) {
            clipValue(limit, gradients().address(), gradients().elements());
            return;
        }
        for (Segments.Segment part : table().list()) {
            if (part.length() > 0) {
                clipValue(limit, gradients().address() + part.offset() * Float.BYTES, part.length());
            }
        }
    }

    private void clipValue(float limit, long address, long count) {
        engine.run("gradient clipping", e -> NativeLibrary.clipValue(e, count, limit, address));
    }

    @Override
    protected void computeNoise(float deviation, long key, Tensor scale) {
        engine.run(
                "gradient noise",
                e -> NativeLibrary.gradientNoise(
                        e,
                        table().count(),
                        table().words().address(),
                        deviation,
                        key,
                        Addresses.of(scale),
                        gradients().address()));
    }

    @Override
    protected void computeUpdate(float learningRate, long step, Tensor scale) {
        settings.at(learningRate, step);
        List<Tensor> states = states();
        boolean momentumLast = settings.momentumIsThird();
        engine.run(
                "optimizer step",
                e -> NativeLibrary.optimizerStep(
                        e,
                        settings.integers(),
                        step,
                        settings.floats(),
                        parameters().address(),
                        gradients().address(),
                        state(states, 0),
                        momentumLast ? 0 : state(states, 1),
                        momentumLast ? state(states, 1) : state(states, 2),
                        table().count(),
                        table().words().address(),
                        Addresses.of(scale)));
    }

    private static long state(List<Tensor> states, int index) {
        return index < states.size() ? states.get(index).address() : 0;
    }
}
