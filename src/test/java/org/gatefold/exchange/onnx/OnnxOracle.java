package org.gatefold.exchange.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.Move;
import org.gatefold.exchange.onnx.graph.OnnxTensor;
import org.gatefold.layer.Context;
import org.gatefold.model.Model;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Tensor;

/** Runs a file with ONNX Runtime and with Gatefold, values in the order that the file has, and compares. */
final class OnnxOracle {
    private OnnxOracle() {}

    static OnnxTensor random(long seed, int... dims) {
        Random random = new Random(seed);
        float[] values = new float[OnnxTensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return OnnxTensor.of(values, dims);
    }

    static Map<String, OnnxTensor> onnxRuntime(Path file, Map<String, OnnxTensor> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, ai.onnxruntime.OnnxTensor> given = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                for (Map.Entry<String, OnnxTensor> input : inputs.entrySet()) {
                    OnnxTensor x = input.getValue();
                    long[] dims = Arrays.stream(x.dims()).asLongStream().toArray();
                    ai.onnxruntime.TensorInfo info = (ai.onnxruntime.TensorInfo)
                            session.getInputInfo().get(input.getKey()).getInfo();
                    given.put(
                            input.getKey(),
                            x.isFloat()
                                    ? ai.onnxruntime.OnnxTensor.createTensor(
                                            environment, FloatBuffer.wrap(x.floats()), dims)
                                    : info.type == OnnxJavaType.INT32
                                            ? ai.onnxruntime.OnnxTensor.createTensor(
                                                    environment, IntBuffer.wrap(x.ints()), dims)
                                            : ai.onnxruntime.OnnxTensor.createTensor(
                                                    environment, LongBuffer.wrap(x.longs()), dims));
                }
                Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
                try (OrtSession.Result result = session.run(given)) {
                    for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
                        ai.onnxruntime.OnnxTensor y = (ai.onnxruntime.OnnxTensor) output.getValue();
                        FloatBuffer buffer = y.getFloatBuffer();
                        float[] values = new float[buffer.remaining()];
                        buffer.get(values);
                        outputs.put(
                                output.getKey(),
                                OnnxTensor.of(
                                        values,
                                        Arrays.stream(y.getInfo().getShape())
                                                .mapToInt(Math::toIntExact)
                                                .toArray()));
                    }
                }
                return outputs;
            }
        } finally {
            given.values().forEach(ai.onnxruntime.OnnxTensor::close);
        }
    }

    static Map<String, OnnxTensor> gatefold(String device, Path file, Map<String, OnnxTensor> inputs) {
        try (Device on = Devices.named(device);
                Model model = OnnxModels.load(on, file);
                Context context = Context.inference(on)) {
            return run(model, context, inputs);
        }
    }

    static Map<String, OnnxTensor> run(Model model, Context context, Map<String, OnnxTensor> inputs) {
        context.begin(0);
        FoldedGraph graph = model.module(OnnxModule.class).graph();
        Map<String, Variable> given = new HashMap<>();
        for (FoldedGraph.Port port : graph.inputs()) {
            given.put(port.name(), outside(context, port, inputs.get(port.name())));
        }
        Map<String, Variable> computed = model.forward(context, given);
        Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
        for (FoldedGraph.Port port : graph.outputs()) {
            Tensor y = computed.get(port.name()).value();
            int[] dims = port.axes().isEmpty() ? new int[0] : y.shape().toArray();
            OnnxTensor outside = OnnxTensor.of(y.toFloats(), dims);
            outputs.put(port.name(), outside.moved(Move.transpose(dims, port.inwards())));
        }
        return outputs;
    }

    static Variable outside(Context context, FoldedGraph.Port port, OnnxTensor given) {
        OnnxTensor x = given.moved(Move.transpose(given.dims(), port.outwards()));
        int[] dims = x.rank() == 0 ? new int[] {1} : x.dims();
        if (port.form().type() == ElementType.I32) {
            Tensor tensor = context.scope().i32(port.name(), dims);
            tensor.write(x.ints());
            return Variable.constant(tensor);
        }
        Tensor tensor = context.scope().f32(port.name(), dims);
        tensor.write(x.floats());
        return Variable.constant(tensor);
    }

    static void assertSame(Path file, Map<String, OnnxTensor> inputs, double tolerance) throws OrtException {
        Map<String, OnnxTensor> expected = onnxRuntime(file, inputs);
        for (String device : new String[] {"reference", "cpu"}) {
            assertNear(device, gatefold(device, file, inputs), expected, tolerance);
        }
    }

    /** A file that was written here: ONNX Runtime and Gatefold, which reads it, both compute what the model did. */
    static void assertWritten(Path file, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> expected)
            throws Exception {
        assertNear("ONNX Runtime", onnxRuntime(file, inputs), expected, 1e-5);
        assertNear("Gatefold", gatefold("cpu", file, inputs), expected, 1e-5);
    }

    static void assertNear(
            String what, Map<String, OnnxTensor> actual, Map<String, OnnxTensor> expected, double tolerance) {
        assertThat(actual.keySet()).as(what).containsExactlyElementsOf(expected.keySet());
        expected.forEach((name, wanted) -> assertNear(what + " " + name, actual.get(name), wanted, tolerance));
    }

    static void assertNear(String what, OnnxTensor actual, OnnxTensor wanted, double tolerance) {
        assertThat(actual.dims()).as(what).isEqualTo(wanted.dims());
        OnnxTensor reals = wanted.as(OnnxTensor.Type.FLOAT);
        for (int i = 0; i < actual.count(); i++) {
            float expected = reals.floats()[i];
            float got = actual.floats()[i];
            boolean same = Float.compare(expected, got) == 0
                    || Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected));
            assertThat(same)
                    .as("%s[%d]: expected %s, got %s", what, i, expected, got)
                    .isTrue();
        }
    }
}
