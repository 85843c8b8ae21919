package org.gatefold.benchmarks.options;

import org.gatefold.autograd.Variable;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Mask;
import org.gatefold.tensor.Tensor;

/** Gatefold's layer with an option on the CPU: training forward and backward. One thread runs it. */
final class GatefoldOption implements AutoCloseable {
    private final LayerShape shape;
    private final Mask real;
    private final Device device;
    private final Scope scope;
    private final Context context;
    private final ParameterStore store = new ParameterStore();
    private final RecurrentLayer<?> layer;
    private final float[] x;
    private final float[] dy;

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    GatefoldOption(CellOption option, LayerShape shape, int threads, float[] x, float[] dy, boolean[] real) {
        this.shape = shape;
        this.real = option == CellOption.MASK ? maskOf(shape, real) : null;
        this.x = x;
        this.dy = dy;
        device = Devices.cpu(threads);
        scope = device.openScope("model");
        layer = option.layer(shape.hiddenSize());
        layer.build(store, "layer", Form.sequences(shape.inputSize()));
        store.allocate(scope, 1);
        context = Context.training(device, 1);
    }

    private static Mask maskOf(LayerShape shape, boolean[] real) {
        boolean[][] rows = new boolean[shape.batch()][shape.steps()];
        for (int i = 0; i < real.length; i++) {
            rows[i % shape.batch()][i / shape.batch()] = real[i];
        }
        return Mask.of(shape.steps(), rows);
    }

    float[] parameter(String name) {
        return store.get("layer.0.forward." + name).value().toFloats();
    }

    /** Forward and backward; the output. */
    Variable run() {
        context.begin(1);
        Tensor value = context.scope().f32("x", shape.steps(), shape.batch(), shape.inputSize());
        value.write(x);
        Lengths lengths = real == null ? null : context.scope().lengths(real);
        store.zeroGradients();
        Variable y = layer.forward(context, Variable.of(value, lengths, context.scope()));
        Tensor contribution = y.contribution();
        contribution.write(dy);
        y.contributed(contribution);
        context.tape().backward();
        return y;
    }

    @Override
    public void close() {
        context.close();
        scope.close();
        device.close();
    }
}
