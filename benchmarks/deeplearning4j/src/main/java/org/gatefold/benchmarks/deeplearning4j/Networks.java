package org.gatefold.benchmarks.deeplearning4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.TrainingStep;
import org.gatefold.benchmarks.contract.Workload;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * Builds networks with the weights of a workload and translates between its layouts, {@code [T, B, F]} and gates i, f, g,
 * o, and those of the library, {@code [B, F, T]} and gates g, f, o, i. Stateless.
 */
final class Networks {
    /** Canonical gates i, f, g, o in the library's order. */
    private static final int[] GATES = {2, 1, 3, 0};

    private Networks() {}

    /** @param withLoss whether a mean squared error without parameters follows the last layer */
    static MultiLayerNetwork of(Workload workload, boolean withLoss) {
        LayerShape shape = workload.shape();
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .updater(Adam.builder()
                        .learningRate(TrainingStep.LEARNING_RATE)
                        .beta1(TrainingStep.BETA1)
                        .beta2(TrainingStep.BETA2)
                        .epsilon(TrainingStep.EPSILON)
                        .build())
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(TrainingStep.MAX_NORM)
                .list();
        for (int layer = 0; layer < shape.layers(); layer++) {
            LSTM lstm = new LSTM.Builder()
                    .nIn(shape.layerInput(layer))
                    .nOut(shape.hiddenSize())
                    .activation(Activation.TANH)
                    .gateActivationFunction(Activation.SIGMOID)
                    .build();
            layers.layer(shape.directions() == 2 ? new Bidirectional(Bidirectional.Mode.CONCAT, lstm) : lstm);
        }
        if (withLoss) {
            layers.layer(new RnnLossLayer.Builder(LossFunctions.LossFunction.MSE)
                    .activation(Activation.IDENTITY)
                    .build());
        }
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                Map<String, INDArray> parameters = network.getLayer(layer).paramTable();
                parameters.get(parameter(shape, "W", direction)).assign(weights(workload.wx(layer, direction), shape));
                parameters.get(parameter(shape, "RW", direction)).assign(weights(workload.wh(layer, direction), shape));
                INDArray bias = parameters.get(parameter(shape, "b", direction));
                bias.assign(weights(workload.bias(layer, direction), shape).reshape(bias.shape()));
            }
        }
        return network;
    }

    /** Name of a layer's parameter: the wrapper of both directions puts a letter before it. */
    static String parameter(LayerShape shape, String name, int direction) {
        return shape.directions() == 1 ? name : (direction == 0 ? "f" : "b") + name;
    }

    /** Canonical {@code [4H, in]} as {@code [in, 4H]}. */
    private static INDArray weights(float[] canonical, LayerShape shape) {
        int hidden = shape.hiddenSize();
        int in = canonical.length / (4 * hidden);
        float[] values = new float[canonical.length];
        for (int gate = 0; gate < 4; gate++) {
            for (int unit = 0; unit < hidden; unit++) {
                for (int i = 0; i < in; i++) {
                    values[i * 4 * hidden + gate * hidden + unit] = canonical[(GATES[gate] * hidden + unit) * in + i];
                }
            }
        }
        return Nd4j.createFromArray(values).reshape(in, 4L * hidden);
    }

    /** {@code [in, 4H]} or {@code [1, 4H]} as canonical {@code [4H, in]}. */
    static float[] canonicalWeights(INDArray weights, LayerShape shape) {
        int hidden = shape.hiddenSize();
        float[] values = weights.dup('c').data().asFloat();
        int in = values.length / (4 * hidden);
        float[] canonical = new float[values.length];
        for (int gate = 0; gate < 4; gate++) {
            for (int unit = 0; unit < hidden; unit++) {
                for (int i = 0; i < in; i++) {
                    canonical[(GATES[gate] * hidden + unit) * in + i] = values[i * 4 * hidden + gate * hidden + unit];
                }
            }
        }
        return canonical;
    }

    /** {@code [T, B, F]} as {@code [B, F, T]}, laid out with time outermost, so that the slices of the steps are dense. */
    static INDArray sequence(float[] values, LayerShape shape) {
        int features = values.length / (shape.steps() * shape.batch());
        return Nd4j.createFromArray(values)
                .reshape(shape.steps(), shape.batch(), features)
                .permute(1, 2, 0)
                .dup('f');
    }

    /** {@code [B, F, T]} as {@code [T, B, F]}. */
    static float[] canonicalSequence(INDArray sequence) {
        return sequence.permute(2, 0, 1).dup('c').data().asFloat();
    }
}
