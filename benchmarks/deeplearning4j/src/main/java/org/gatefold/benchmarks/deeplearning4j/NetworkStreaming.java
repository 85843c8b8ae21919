package org.gatefold.benchmarks.deeplearning4j;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.layers.recurrent.LSTM;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Steps with stored state, which goes on from one iteration to the next. One direction only. */
final class NetworkStreaming implements PreparedPass {
    private final MultiLayerNetwork network;
    private final INDArray x;

    NetworkStreaming(Workload workload) {
        LayerShape shape = workload.shape();
        network = Networks.of(workload, false);
        x = Networks.sequence(workload.x(), shape);
        for (int layer = 0; layer < shape.layers(); layer++) {
            Map<String, INDArray> state = new HashMap<>();
            state.put(LSTM.STATE_KEY_PREV_ACTIVATION, state(workload.h0(), layer, shape));
            state.put(LSTM.STATE_KEY_PREV_MEMCELL, state(workload.c0(), layer, shape));
            ((RecurrentLayer) network.getLayer(layer)).rnnSetPreviousState(state);
        }
    }

    private static INDArray state(float[] states, int layer, LayerShape shape) {
        return Nd4j.createFromArray(states)
                .reshape(shape.layers(), shape.batch(), shape.hiddenSize())
                .slice(layer)
                .dup('f');
    }

    @Override
    public void run() {
        network.rnnTimeStep(x);
    }

    @Override
    public Results runChecked() {
        return new Results().put("y", Networks.canonicalSequence(network.rnnTimeStep(x)));
    }

    @Override
    public void close() {
        network.close();
        x.close();
    }
}
