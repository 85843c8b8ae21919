package org.gatefold.benchmarks.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.lstm_backward;
import org.bytedeco.dnnl.lstm_forward;
import org.bytedeco.dnnl.memory;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;

/**
 * One layer, in one or both directions, by oneDNN's LSTM primitive. The master weights are f32 and lie as the primitive's
 * gradients do, so that an optimiser can update them in place; what forward and backward want laid out otherwise is
 * converted once for inference, and in every iteration for training, where weights change. For one thread; its memory
 * belongs to the engine.
 */
final class Layer {
    private final Engine engine;
    private final LayerShape shape;
    private final int index;
    private final memory.data_type type;
    private final boolean training;
    private final boolean statesGiven;

    private final memory.desc weightsLayerPlain;
    private final memory.desc weightsIterPlain;
    private final memory.desc biasPlain;
    private final memory.desc stateFloat32;
    private final memory.desc outputFloat32;
    private final memory.desc inputFloat32;

    private final lstm_forward.primitive_desc forwardDesc;
    private final lstm_forward forward;
    private final IntMemoryMap forwardArguments = new IntMemoryMap();
    private final List<Engine.Conversion> beforeForward = new ArrayList<>();
    private final memory masterLayer;
    private final memory masterIter;
    private final memory bias;
    private final memory output;
    private final memory lastHidden;
    private final memory lastCell;

    private lstm_backward backward;
    private final IntMemoryMap backwardArguments = new IntMemoryMap();
    private final List<Engine.Conversion> beforeBackward = new ArrayList<>();
    private final List<Engine.Conversion> afterBackward = new ArrayList<>();
    private final List<memory> accumulated = new ArrayList<>();
    private final List<memory.desc> accumulatedDescs = new ArrayList<>();
    private memory gradientOfInput;
    private memory gradientOfLayerWeights;
    private memory gradientOfIterWeights;
    private memory gradientOfBias;

    /**
     * @param input {@code [T, B, in]} of the layer in its type, read by every forward pass
     * @param trainingForward whether forward keeps what backward needs
     */
    Layer(Engine engine, Workload workload, int index, memory.data_type type, memory input, boolean trainingForward) {
        this.engine = engine;
        this.shape = workload.shape();
        this.index = index;
        this.type = type;
        this.training = trainingForward;
        // Without initial states, the backward primitive of 3.8.1 gives wrong gradients of the recurrent weights.
        statesGiven = shape.carriesState() || trainingForward;
        long in = shape.layerInput(index);
        long hidden = shape.hiddenSize();
        long directions = shape.directions();
        long batch = shape.batch();

        weightsLayerPlain = float32(memory.format_tag.ldigo, 1, directions, in, 4, hidden);
        weightsIterPlain = float32(memory.format_tag.ldigo, 1, directions, hidden, 4, hidden);
        biasPlain = float32(memory.format_tag.ldgo, 1, directions, 4, hidden);
        stateFloat32 = float32(memory.format_tag.ldnc, 1, directions, batch, hidden);
        inputFloat32 = float32(memory.format_tag.tnc, shape.steps(), batch, in);
        outputFloat32 = float32(memory.format_tag.tnc, shape.steps(), batch, shape.outputSize());

        memory.desc inputDesc = engine.dense(type, memory.format_tag.tnc, shape.steps(), batch, in);
        memory.desc outputDesc = engine.dense(type, memory.format_tag.tnc, shape.steps(), batch, shape.outputSize());
        memory.desc hiddenDesc = engine.dense(type, memory.format_tag.ldnc, 1, directions, batch, hidden);
        forwardDesc = engine.own(new lstm_forward.primitive_desc(
                engine.cpu(),
                trainingForward ? dnnl_forward_training : dnnl_forward_inference,
                directions == 2 ? dnnl_bidirectional_concat : dnnl_unidirectional_left2right,
                inputDesc,
                statesGiven ? hiddenDesc : engine.none(),
                statesGiven ? stateFloat32 : engine.none(),
                engine.dense(type, memory.format_tag.any, 1, directions, in, 4, hidden),
                engine.dense(type, memory.format_tag.any, 1, directions, hidden, 4, hidden),
                biasPlain,
                outputDesc,
                hiddenDesc,
                stateFloat32,
                engine.callersScratch(),
                false));
        forward = engine.own(new lstm_forward(forwardDesc));

        masterLayer = engine.upload(
                bothDirections(workload::wx),
                float32(memory.format_tag.ldgoi, 1, directions, in, 4, hidden),
                weightsLayerPlain);
        masterIter = engine.upload(
                bothDirections(workload::wh),
                float32(memory.format_tag.ldgoi, 1, directions, hidden, 4, hidden),
                weightsIterPlain);
        bias = engine.upload(bothDirections(workload::bias), biasPlain, biasPlain);
        output = engine.allocate(outputDesc);
        lastHidden = engine.allocate(hiddenDesc);
        lastCell = engine.allocate(stateFloat32);

        argument(DNNL_ARG_SRC_LAYER, input);
        if (statesGiven) {
            argument(DNNL_ARG_SRC_ITER, engine.upload(stateOfLayer(workload.h0()), stateFloat32, hiddenDesc));
            argument(DNNL_ARG_SRC_ITER_C, engine.upload(stateOfLayer(workload.c0()), stateFloat32, stateFloat32));
        }
        argument(
                DNNL_ARG_WEIGHTS_LAYER,
                wanted(masterLayer, weightsLayerPlain, forwardDesc.weights_layer_desc(), beforeForward));
        argument(
                DNNL_ARG_WEIGHTS_ITER,
                wanted(masterIter, weightsIterPlain, forwardDesc.weights_iter_desc(), beforeForward));
        argument(DNNL_ARG_BIAS, bias);
        argument(DNNL_ARG_DST_LAYER, output);
        argument(DNNL_ARG_DST_ITER, lastHidden);
        argument(DNNL_ARG_DST_ITER_C, lastCell);
        memory forwardScratch = engine.scratch(forwardDesc);
        forwardArguments.put(DNNL_ARG_SCRATCHPAD, forwardScratch);
        if (trainingForward) {
            argument(DNNL_ARG_WORKSPACE, engine.allocate(engine.own(forwardDesc.workspace_desc())));
        } else {
            beforeForward.forEach(engine::execute);
            engine.await();
        }
    }

    /** An argument that forward and backward share, which backward may later override with its own layout. */
    private void argument(int name, memory value) {
        forwardArguments.put(name, value);
        backwardArguments.put(name, value);
    }

    private memory.desc float32(memory.format_tag tag, long... dims) {
        return engine.dense(memory.data_type.f32, tag, dims);
    }

    /** The master itself if it lies as wanted, else a copy that a conversion in the list refreshes. */
    private memory wanted(
            memory master, memory.desc masterDesc, memory.desc wantedDesc, List<Engine.Conversion> conversions) {
        if (Engine.sameLayout(masterDesc, wantedDesc)) {
            return master;
        }
        memory copy = engine.allocate(engine.own(wantedDesc));
        conversions.add(engine.conversion(master, copy));
        return copy;
    }

    /**
     * Creates the backward pass.
     *
     * @param dy f32 {@code [T, B, directions * H]}, read by every backward pass
     * @return the gradient of the layer's input, f32 {@code [T, B, in]}, written by every backward pass
     */
    memory prepareBackward(memory dy) {
        long in = shape.layerInput(index);
        long hidden = shape.hiddenSize();
        long directions = shape.directions();
        memory.desc gradientOfState = statesGiven ? stateFloat32 : engine.none();
        lstm_backward.primitive_desc backwardDesc = engine.own(new lstm_backward.primitive_desc(
                engine.cpu(),
                dnnl_backward,
                directions == 2 ? dnnl_bidirectional_concat : dnnl_unidirectional_left2right,
                forwardDesc.src_layer_desc(),
                forwardDesc.src_iter_desc(),
                forwardDesc.src_iter_c_desc(),
                engine.dense(type, memory.format_tag.any, 1, directions, in, 4, hidden),
                engine.dense(type, memory.format_tag.any, 1, directions, hidden, 4, hidden),
                biasPlain,
                forwardDesc.dst_layer_desc(),
                forwardDesc.dst_iter_desc(),
                forwardDesc.dst_iter_c_desc(),
                inputFloat32,
                gradientOfState,
                gradientOfState,
                float32(memory.format_tag.any, 1, directions, in, 4, hidden),
                float32(memory.format_tag.any, 1, directions, hidden, 4, hidden),
                biasPlain,
                outputFloat32,
                stateFloat32,
                stateFloat32,
                forwardDesc,
                engine.callersScratch(),
                false));
        backward = engine.own(new lstm_backward(backwardDesc));

        backwardArguments.put(
                DNNL_ARG_WEIGHTS_LAYER,
                wanted(masterLayer, weightsLayerPlain, backwardDesc.weights_layer_desc(), beforeBackward));
        backwardArguments.put(
                DNNL_ARG_WEIGHTS_ITER,
                wanted(masterIter, weightsIterPlain, backwardDesc.weights_iter_desc(), beforeBackward));
        gradientOfLayerWeights =
                gradient(DNNL_ARG_DIFF_WEIGHTS_LAYER, backwardDesc.diff_weights_layer_desc(), weightsLayerPlain);
        gradientOfIterWeights =
                gradient(DNNL_ARG_DIFF_WEIGHTS_ITER, backwardDesc.diff_weights_iter_desc(), weightsIterPlain);
        gradientOfBias = gradient(DNNL_ARG_DIFF_BIAS, biasPlain, biasPlain);
        backwardArguments.put(DNNL_ARG_DIFF_DST_LAYER, dy);
        backwardArguments.put(DNNL_ARG_DIFF_DST_ITER, zeroState());
        backwardArguments.put(DNNL_ARG_DIFF_DST_ITER_C, zeroState());
        gradientOfInput = engine.allocate(inputFloat32);
        backwardArguments.put(DNNL_ARG_DIFF_SRC_LAYER, gradientOfInput);
        if (statesGiven) {
            backwardArguments.put(DNNL_ARG_DIFF_SRC_ITER, engine.allocate(stateFloat32));
            backwardArguments.put(DNNL_ARG_DIFF_SRC_ITER_C, engine.allocate(stateFloat32));
        }
        backwardArguments.put(DNNL_ARG_SCRATCHPAD, engine.scratch(backwardDesc));
        return gradientOfInput;
    }

    private memory zeroState() {
        memory state = engine.allocate(stateFloat32);
        engine.zero(state, stateFloat32);
        return state;
    }

    /** A gradient that the primitive adds to; converted to the layout of the master if it lies otherwise. */
    private memory gradient(int name, memory.desc layout, memory.desc plain) {
        memory.desc owned = engine.own(new memory.desc(layout));
        memory sum = engine.allocate(owned);
        accumulated.add(sum);
        accumulatedDescs.add(owned);
        backwardArguments.put(name, sum);
        if (Engine.sameLayout(owned, plain)) {
            return sum;
        }
        memory converted = engine.allocate(plain);
        afterBackward.add(engine.conversion(sum, converted));
        return converted;
    }

    void forward() {
        if (training) {
            beforeForward.forEach(engine::execute);
        }
        engine.execute(forward, forwardArguments);
    }

    void backward() {
        for (int i = 0; i < accumulated.size(); i++) {
            engine.zero(accumulated.get(i), accumulatedDescs.get(i));
        }
        beforeBackward.forEach(engine::execute);
        engine.execute(backward, backwardArguments);
        afterBackward.forEach(engine::execute);
    }

    /** The layer's output {@code [T, B, directions * H]} in its type, written by every forward pass. */
    memory output() {
        return output;
    }

    float[] outputValues() {
        return engine.download(output, outputFloat32);
    }

    float[] lastHiddenValues() {
        return engine.download(lastHidden, stateFloat32);
    }

    float[] lastCellValues() {
        return engine.download(lastCell, stateFloat32);
    }

    float[] gradientOfInputValues() {
        return engine.download(gradientOfInput, inputFloat32);
    }

    void addWeightGradients(Results results) {
        long hidden = shape.hiddenSize();
        long directions = shape.directions();
        float[] layer = engine.download(
                gradientOfLayerWeights,
                float32(memory.format_tag.ldgoi, 1, directions, shape.layerInput(index), 4, hidden));
        float[] iter = engine.download(
                gradientOfIterWeights, float32(memory.format_tag.ldgoi, 1, directions, hidden, 4, hidden));
        float[] biases = engine.download(gradientOfBias, biasPlain);
        for (int direction = 0; direction < directions; direction++) {
            results.put(Results.ofWeight("dWx", index, direction), part(layer, direction));
            results.put(Results.ofWeight("dWh", index, direction), part(iter, direction));
            results.put(Results.ofWeight("db", index, direction), part(biases, direction));
        }
    }

    private float[] part(float[] values, int direction) {
        int length = values.length / shape.directions();
        return Arrays.copyOfRange(values, direction * length, (direction + 1) * length);
    }

    /** The layer's part of the states of all layers, zeros if there are none. */
    private float[] stateOfLayer(float[] states) {
        int length = shape.directions() * shape.batch() * shape.hiddenSize();
        return states.length == 0
                ? new float[length]
                : Arrays.copyOfRange(states, index * length, (index + 1) * length);
    }

    private float[] bothDirections(DirectionWeights weights) {
        float[] first = weights.of(index, 0);
        float[] all = Arrays.copyOf(first, shape.directions() * first.length);
        if (shape.directions() == 2) {
            System.arraycopy(weights.of(index, 1), 0, all, first.length, first.length);
        }
        return all;
    }

    private interface DirectionWeights {
        float[] of(int layer, int direction);
    }
}
