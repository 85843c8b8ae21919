package org.gatefold.benchmarks.reference;

import static org.gatefold.benchmarks.reference.Matrices.doubles;
import static org.gatefold.benchmarks.reference.Matrices.floats;

import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.TrainingStep;
import org.gatefold.benchmarks.contract.Workload;

/**
 * The whole stack in double precision: what every contestant's results are compared with. Written for this comparison
 * alone, so that it shares no code with anything it checks. For one thread.
 */
public final class ReferenceLayers {
    private final LayerShape shape;
    private final Workload workload;

    /** Weights and their gradients per layer and direction: {@code Wx, Wh, b}. */
    private final double[][][] weights;

    private final double[][][] gradients;
    private final DirectionPass[] directions;

    private double[] y;
    private double[] hn;
    private double[] cn;
    private double[] dx;

    public ReferenceLayers(Workload workload) {
        this.workload = workload;
        shape = workload.shape();
        int count = shape.layers() * shape.directions();
        weights = new double[count][][];
        gradients = new double[count][3][];
        directions = new DirectionPass[count];
        for (int index = 0; index < count; index++) {
            int layer = index / shape.directions();
            int direction = index % shape.directions();
            weights[index] = new double[][] {
                doubles(workload.wx(layer, direction)),
                doubles(workload.wh(layer, direction)),
                doubles(workload.bias(layer, direction))
            };
            directions[index] = DirectionPass.of(
                    shape.cell(),
                    new DirectionPass.Size(
                            shape.steps(), shape.batch(), shape.layerInput(layer), shape.hiddenSize(), direction == 1),
                    weights[index][0],
                    weights[index][1],
                    weights[index][2]);
        }
    }

    /** What a contestant's {@code runChecked} must give for this pass. */
    public Results results(Pass pass) {
        return switch (pass) {
            case INFERENCE -> {
                forward();
                yield outputs();
            }
            case TRAINING_PASS -> {
                forward();
                backward(doubles(workload.dy()));
                yield withGradients(outputs());
            }
            case TRAINING_STEP -> new Results().put("loss", losses());
        };
    }

    private void forward() {
        int state = shape.batch() * shape.hiddenSize();
        hn = new double[directions.length * state];
        cn = new double[directions.length * state];
        double[] input = doubles(workload.x());
        for (int layer = 0; layer < shape.layers(); layer++) {
            double[] output = new double[shape.steps() * shape.batch() * shape.outputSize()];
            for (int direction = 0; direction < shape.directions(); direction++) {
                int index = layer * shape.directions() + direction;
                directions[index].forward(
                        input, initial(workload.h0(), index, state), initial(workload.c0(), index, state));
                directions[index].copyOutput(output, shape.outputSize(), direction * shape.hiddenSize());
                directions[index].copyFinalState(hn, cn, index * state);
            }
            input = output;
        }
        y = input;
    }

    private double[] initial(float[] states, int index, int size) {
        double[] state = new double[size];
        for (int i = 0; i < size && shape.carriesState(); i++) {
            state[i] = states[index * size + i];
        }
        return state;
    }

    private void backward(double[] dy) {
        double[] gradient = dy;
        for (int layer = shape.layers() - 1; layer >= 0; layer--) {
            double[] below = new double[shape.steps() * shape.batch() * shape.layerInput(layer)];
            for (int direction = 0; direction < shape.directions(); direction++) {
                int index = layer * shape.directions() + direction;
                for (int which = 0; which < 3; which++) {
                    gradients[index][which] = new double[weights[index][which].length];
                }
                directions[index].backward(
                        gradient,
                        shape.outputSize(),
                        direction * shape.hiddenSize(),
                        below,
                        gradients[index][0],
                        gradients[index][1],
                        gradients[index][2]);
            }
            gradient = below;
        }
        dx = gradient;
    }

    private Results outputs() {
        Results results = new Results().put("y", floats(y)).put("hn", floats(hn));
        return shape.cell() == Cell.LSTM ? results.put("cn", floats(cn)) : results;
    }

    private Results withGradients(Results results) {
        results.put("dx", floats(dx));
        String[] names = {"dWx", "dWh", "db"};
        for (int index = 0; index < directions.length; index++) {
            for (int which = 0; which < 3; which++) {
                results.put(
                        Results.ofWeight(names[which], index / shape.directions(), index % shape.directions()),
                        floats(gradients[index][which]));
            }
        }
        return results;
    }

    /** The losses before each of the first updates. */
    private float[] losses() {
        float[] losses = new float[TrainingStep.CHECKED_STEPS];
        double[][][] mean = zerosLikeWeights();
        double[][][] square = zerosLikeWeights();
        for (int step = 0; step < losses.length; step++) {
            forward();
            double[] dy = new double[y.length];
            double loss = 0;
            for (int i = 0; i < y.length; i++) {
                double difference = y[i] - workload.target()[i];
                loss += difference * difference / y.length;
                dy[i] = 2 * difference / y.length;
            }
            losses[step] = (float) loss;
            backward(dy);
            update(mean, square, step + 1);
        }
        return losses;
    }

    private double[][][] zerosLikeWeights() {
        double[][][] zeros = new double[weights.length][3][];
        for (int index = 0; index < weights.length; index++) {
            for (int which = 0; which < 3; which++) {
                zeros[index][which] = new double[weights[index][which].length];
            }
        }
        return zeros;
    }

    /** Clipping by global norm, then Adam as in Kingma and Ba, 2015, algorithm 1. */
    private void update(double[][][] mean, double[][][] square, int step) {
        double sum = 0;
        for (double[][] ofDirection : gradients) {
            for (double[] gradient : ofDirection) {
                for (double value : gradient) {
                    sum += value * value;
                }
            }
        }
        double scale = Math.min(1, TrainingStep.MAX_NORM / Math.sqrt(sum));
        double correction1 = 1 - Math.pow(TrainingStep.BETA1, step);
        double correction2 = 1 - Math.pow(TrainingStep.BETA2, step);
        for (int index = 0; index < weights.length; index++) {
            for (int which = 0; which < 3; which++) {
                double[] m = mean[index][which];
                double[] v = square[index][which];
                for (int i = 0; i < m.length; i++) {
                    double gradient = scale * gradients[index][which][i];
                    m[i] = TrainingStep.BETA1 * m[i] + (1 - TrainingStep.BETA1) * gradient;
                    v[i] = TrainingStep.BETA2 * v[i] + (1 - TrainingStep.BETA2) * gradient * gradient;
                    weights[index][which][i] -= TrainingStep.LEARNING_RATE
                            * (m[i] / correction1)
                            / (Math.sqrt(v[i] / correction2) + TrainingStep.EPSILON);
                }
            }
        }
    }
}
