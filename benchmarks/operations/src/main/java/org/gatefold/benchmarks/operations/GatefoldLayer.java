package org.gatefold.benchmarks.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** A layer on Gatefold's CPU device, its input and the gradient of its output given in the device's memory. */
final class GatefoldLayer implements Side {
    private static final String NAME = "layer";

    private final Device device;
    private final Scope scope;
    private final Context inference;
    private final Context training;
    private final ParameterStore store = new ParameterStore();
    private final Layer layer;
    private final Tensor x;
    private final Tensor dy;
    private final boolean ofInput;
    private Variable read;
    private long step;

    /** A layer that is not the first: its input wants a gradient unless it consists of ids or {@code first} says no. */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    GatefoldLayer(Layer layer, Form in, int steps, int batch, boolean first, int threads) {
        this.layer = layer;
        device = Devices.cpu(threads);
        scope = device.openScope("operation");
        Form out = layer.build(store, NAME, in);
        store.allocate(scope, 1);
        for (Parameter parameter : store.list()) {
            if (parameter.shape().rank() == 1) {
                moved(parameter);
            }
        }
        Shape shape = in.shape(steps, batch);
        ofInput = in.type() == ElementType.F32 && !first;
        if (in.type() == ElementType.F32) {
            x = scope.f32("x", shape);
            x.write(Numbers.floats(shape.elements(), 1));
        } else {
            x = scope.i32("x", shape.toArray());
            x.write(Numbers.ints(shape.elements(), 0, layer.knownIds(), 1));
        }
        Shape result = out.shape(layer.outputSteps(steps), batch);
        dy = scope.f32("dy", result);
        dy.write(Numbers.floats(result.elements(), 2));
        inference = Context.inference(device);
        training = Context.training(device, 1);
    }

    /** Vectors begin as zeros or ones, which would hide that a side leaves them out. */
    private static void moved(Parameter parameter) {
        float[] values = parameter.value().toFloats();
        float[] by = Numbers.floats(values.length, 3);
        for (int i = 0; i < values.length; i++) {
            values[i] += 0.2f * by[i];
        }
        parameter.value().write(values);
    }

    Tensor input() {
        return x;
    }

    Tensor gradient() {
        return dy;
    }

    boolean givesInputGradient() {
        return ofInput;
    }

    Iterable<Parameter> parameters() {
        return store.list();
    }

    /** The name of a parameter within the layer. */
    static String within(Parameter parameter) {
        return parameter.name().substring(NAME.length() + 1);
    }

    @Override
    public void run(Pass pass) {
        if (pass == Pass.FORWARD) {
            inference.begin(1);
            layer.forward(inference, Variable.constant(x));
        } else {
            trained();
        }
    }

    private Variable trained() {
        training.begin(++step);
        store.zeroGradients();
        read = ofInput ? Variable.of(x, null, training.scope()) : Variable.constant(x);
        Variable y = layer.forward(training, read);
        training.tape().backward(y, dy);
        return y;
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        Map<String, float[]> values = new LinkedHashMap<>();
        if (pass == Pass.FORWARD) {
            inference.begin(1);
            values.put(
                    "y", layer.forward(inference, Variable.constant(x)).value().toFloats());
            return values;
        }
        values.put("y", trained().value().toFloats());
        if (ofInput) {
            values.put("dx", read.gradient().toFloats());
        }
        for (Parameter parameter : store.list()) {
            if (!parameter.isFrozen()) {
                values.put("d" + within(parameter), parameter.gradient().toFloats());
            }
        }
        return values;
    }

    @Override
    public void close() {
        training.close();
        inference.close();
        scope.close();
        device.close();
    }
}
