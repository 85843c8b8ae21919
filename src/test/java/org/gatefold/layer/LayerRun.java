package org.gatefold.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** What a layer gives on the reference; null lengths where there are none. */
record LayerRun(List<Integer> shape, List<Integer> lengths, List<Float> values) {
    /**
     * Runs a layer that is not built yet.
     *
     * @param lengths of the rows, or null
     */
    static LayerRun of(Layer layer, Form form, Shape shape, int[] lengths, float... values) {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model");
                Context context = Context.inference(device)) {
            ParameterStore store = new ParameterStore();
            layer.build(store, layer.defaultName(), form);
            store.allocate(scope, 1);
            context.begin(0);
            Tensor x = context.scope().f32("x", shape);
            x.write(values);
            Lengths rows = lengths == null ? null : context.scope().lengths(shape.dim(0), lengths);
            Variable y = layer.forward(context, Variable.constant(x, rows));
            layer.output().require("y", y.value());
            List<Float> made = new ArrayList<>();
            for (float value : y.value().toFloats()) {
                made.add(value);
            }
            return new LayerRun(
                    list(y.shape().toArray()),
                    y.lengths() == null ? null : list(y.lengths().toArray()),
                    made);
        }
    }

    private static List<Integer> list(int... numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }
}
