package org.gatefold.benchmarks.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/** The stack of layers, forward only or forward and backward. Owns its engine. */
final class OneDnnPass implements PreparedPass {
    private final Engine engine = new Engine();
    private final List<Layer> layers = new ArrayList<>();
    private final boolean backward;

    /**
     * @param trainingForward whether to take the primitive's training forward
     * @param backward whether a backward pass follows, which needs the training forward
     */
    OneDnnPass(Workload workload, memory.data_type type, boolean trainingForward, boolean backward) {
        this.backward = backward;
        LayerShape shape = workload.shape();
        memory next = upload(workload.x(), type, shape.inputSize(), shape);
        for (int index = 0; index < shape.layers(); index++) {
            Layer layer = new Layer(engine, workload, index, type, next, trainingForward);
            layers.add(layer);
            next = layer.output();
        }
        if (backward) {
            memory gradient = upload(workload.dy(), memory.data_type.f32, shape.outputSize(), shape);
            for (int index = shape.layers() - 1; index >= 0; index--) {
                gradient = layers.get(index).prepareBackward(gradient);
            }
        }
    }

    private memory upload(float[] values, memory.data_type type, int width, LayerShape shape) {
        return engine.upload(
                values,
                engine.dense(memory.data_type.f32, memory.format_tag.tnc, shape.steps(), shape.batch(), width),
                engine.dense(type, memory.format_tag.tnc, shape.steps(), shape.batch(), width));
    }

    @Override
    public void run() {
        for (Layer layer : layers) {
            layer.forward();
        }
        if (backward) {
            for (int index = layers.size() - 1; index >= 0; index--) {
                layers.get(index).backward();
            }
        }
        engine.await();
    }

    @Override
    public Results runChecked() {
        run();
        List<float[]> hidden = new ArrayList<>();
        List<float[]> cell = new ArrayList<>();
        for (Layer layer : layers) {
            hidden.add(layer.lastHiddenValues());
            cell.add(layer.lastCellValues());
        }
        Results results = new Results()
                .put("y", layers.get(layers.size() - 1).outputValues())
                .put("hn", concatenated(hidden))
                .put("cn", concatenated(cell));
        if (backward) {
            results.put("dx", layers.get(0).gradientOfInputValues());
            layers.forEach(layer -> layer.addWeightGradients(results));
        }
        return results;
    }

    private static float[] concatenated(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int offset = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, offset, part.length);
            offset += part.length;
        }
        return all;
    }

    @Override
    public void close() {
        engine.close();
    }
}
