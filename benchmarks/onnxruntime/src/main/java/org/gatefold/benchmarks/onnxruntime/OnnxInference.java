package org.gatefold.benchmarks.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/** One session, its inputs and its outputs, which are given and so not allocated per run. Owns them; for one thread. */
final class OnnxInference implements PreparedPass {
    private final LayerShape shape;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final Map<String, FloatBuffer> outputData = new LinkedHashMap<>();

    OnnxInference(Workload workload, int threads) throws OrtException {
        shape = workload.shape();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(LstmModel.of(workload), options);
        }
        inputs.put("x", tensor(direct(workload.x()), shape.steps(), shape.batch(), shape.inputSize()));
        for (int layer = 0; layer < shape.layers(); layer++) {
            if (shape.carriesState()) {
                inputs.put("h0." + layer, state(direct(ofLayer(workload.h0(), layer))));
                inputs.put("c0." + layer, state(direct(ofLayer(workload.c0(), layer))));
            }
            FloatBuffer hidden = direct(new float[shape.directions() * shape.batch() * shape.hiddenSize()]);
            FloatBuffer cell = direct(new float[hidden.capacity()]);
            outputs.put("hn." + layer, state(hidden));
            outputs.put("cn." + layer, state(cell));
            outputData.put("hn." + layer, hidden);
            outputData.put("cn." + layer, cell);
        }
        FloatBuffer y = direct(new float[shape.steps() * shape.batch() * shape.outputSize()]);
        outputs.put("y", tensor(y, shape.steps(), shape.batch(), shape.outputSize()));
        outputData.put("y", y);
    }

    private float[] ofLayer(float[] states, int layer) {
        int length = states.length / shape.layers();
        return Arrays.copyOfRange(states, layer * length, (layer + 1) * length);
    }

    private OnnxTensor state(FloatBuffer values) throws OrtException {
        return tensor(values, shape.directions(), shape.batch(), shape.hiddenSize());
    }

    private OnnxTensor tensor(FloatBuffer values, long... dims) throws OrtException {
        return OnnxTensor.createTensor(environment, values, dims);
    }

    /** Direct buffers are used by the session where they lie. */
    private static FloatBuffer direct(float[] values) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES * values.length)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        buffer.put(values).rewind();
        return buffer;
    }

    @Override
    public void run() {
        try (OrtSession.Result result = session.run(inputs, outputs)) {
            if (result.size() != outputs.size()) {
                throw new IllegalStateException("expected " + outputs.size() + " outputs, got " + result.size());
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Results runChecked() {
        run();
        return new Results().put("y", values("y")).put("hn", ofAllLayers("hn")).put("cn", ofAllLayers("cn"));
    }

    private float[] ofAllLayers(String name) {
        int length = shape.directions() * shape.batch() * shape.hiddenSize();
        float[] all = new float[shape.layers() * length];
        for (int layer = 0; layer < shape.layers(); layer++) {
            System.arraycopy(values(name + "." + layer), 0, all, layer * length, length);
        }
        return all;
    }

    private float[] values(String name) {
        FloatBuffer data = outputData.get(name);
        float[] values = new float[data.capacity()];
        data.get(0, values);
        return values;
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
