package org.gatefold.benchmarks.deeplearning4j;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Forward and backward with an error that comes from outside the network. */
final class NetworkTrainingPass implements PreparedPass {
    private final LayerShape shape;
    private final MultiLayerNetwork network;
    private final INDArray x;
    private final INDArray dy;
    private List<INDArray> activations;

    NetworkTrainingPass(Workload workload) {
        shape = workload.shape();
        network = Networks.of(workload, false);
        x = Networks.sequence(workload.x(), shape);
        dy = Networks.sequence(workload.dy(), shape);
    }

    @Override
    public void run() {
        forwardBackward();
    }

    private Pair<Gradient, INDArray> forwardBackward() {
        network.setInput(x);
        activations = network.feedForward(true, false);
        return network.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces());
    }

    @Override
    public Results runChecked() {
        Pair<Gradient, INDArray> gradients = forwardBackward();
        Results results = new Results()
                .put("y", Networks.canonicalSequence(activations.get(activations.size() - 1)))
                .put("dx", Networks.canonicalSequence(gradients.getSecond()));
        Map<String, INDArray> ofWeights = gradients.getFirst().gradientForVariable();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                putGradient(results, ofWeights, "dWx", "W", layer, direction);
                putGradient(results, ofWeights, "dWh", "RW", layer, direction);
                putGradient(results, ofWeights, "db", "b", layer, direction);
            }
        }
        return results;
    }

    private void putGradient(
            Results results, Map<String, INDArray> gradients, String name, String key, int layer, int direction) {
        INDArray gradient = gradients.get(layer + "_" + Networks.parameter(shape, key, direction));
        results.put(Results.ofWeight(name, layer, direction), Networks.canonicalWeights(gradient, shape));
    }

    @Override
    public void close() {
        network.close();
        x.close();
        dy.close();
    }
}
