package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import java.util.function.Consumer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Attention in plain Java, in double precision. Stateless and thread-safe. */
public final class ReferenceAttentionOp extends ReferenceOperation implements AttentionOp {
    /** The vectors of one head of one row in a tensor {@code [steps, B, heads*size]}. */
    private record Head(FloatBuffer values, int batch, int heads, int size, int row, int head) {
        static Head of(Tensor tensor, int heads, int row, int head) {
            int features = tensor.shape().dim(2);
            return new Head(Floats.of(tensor), tensor.shape().dim(1), heads, features / heads, row, head);
        }

        int at(int step, int d) {
            return ((step * batch + row) * heads + head) * size + d;
        }

        double get(int step, int d) {
            return values.get(at(step, d));
        }

        double dot(int step, Head other, int otherStep) {
            double sum = 0;
            for (int d = 0; d < size; d++) {
                sum += get(step, d) * other.get(otherStep, d);
            }
            return sum;
        }

        void put(int step, double... vector) {
            for (int d = 0; d < size; d++) {
                values.put(at(step, d), (float) vector[d]);
            }
        }

        void addTo(double[] sum, double weight, int step) {
            for (int d = 0; d < size; d++) {
                sum[d] += weight * get(step, d);
            }
        }
    }

    /** One head of one row, and where its weights begin. */
    private record Part(AttentionSpec spec, Head q, Head k, Head v, int valid, int weights, int keys) {
        Head of(Tensor tensor) {
            return Head.of(tensor, spec.heads(), q.row(), q.head());
        }

        /** Keys that query i attends to: the first so many. */
        int attended(int i) {
            return spec.causal() ? Math.min(i + 1, valid) : valid;
        }

        /** Where the weights of query i begin. */
        int weights(int i) {
            return weights + i * keys;
        }
    }

    private static void eachPart(
            AttentionSpec spec, Tensor q, Tensor k, Tensor v, Lengths lengths, Consumer<Part> work) {
        int keys = k.shape().dim(0);
        int queries = q.shape().dim(0);
        for (int row = 0; row < k.shape().dim(1); row++) {
            for (int head = 0; head < spec.heads(); head++) {
                work.accept(new Part(
                        spec,
                        Head.of(q, spec.heads(), row, head),
                        Head.of(k, spec.heads(), row, head),
                        Head.of(v, spec.heads(), row, head),
                        lengths == null ? keys : lengths.of(row),
                        (row * spec.heads() + head) * queries * keys,
                        keys));
            }
        }
    }

    @Override
    public void computeForward(ForwardArguments given) {
        FloatBuffer weights = Floats.of(given.p());
        int queries = given.q().shape().dim(0);
        eachPart(given.spec(), given.q(), given.k(), given.v(), given.lengths(), part -> {
            Head y = part.of(given.y());
            for (int i = 0; i < queries; i++) {
                int count = part.attended(i);
                double[] scores = new double[count];
                double most = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < count; j++) {
                    scores[j] = given.spec().scale() * part.q().dot(i, part.k(), j);
                    most = Math.max(most, scores[j]);
                }
                double total = 0;
                for (int j = 0; j < count; j++) {
                    scores[j] = Math.exp(scores[j] - most);
                    total += scores[j];
                }
                double[] sum = new double[part.v().size()];
                for (int j = 0; j < part.keys(); j++) {
                    double weight = j < count ? scores[j] / total : 0;
                    weights.put(part.weights(i) + j, (float) weight);
                    if (j < count) {
                        part.v().addTo(sum, weight, j);
                    }
                }
                y.put(i, sum);
            }
        });
    }

    @Override
    public void computeBackward(BackwardArguments given) {
        FloatBuffer weights = Floats.of(given.p());
        int queries = given.q().shape().dim(0);
        eachPart(given.spec(), given.q(), given.k(), given.v(), given.lengths(), part -> {
            Head dy = part.of(given.dy());
            Head dq = part.of(given.dq());
            double[][] gradientsK = new double[part.keys()][part.k().size()];
            double[][] gradientsV = new double[part.keys()][part.v().size()];
            for (int i = 0; i < queries; i++) {
                int count = part.attended(i);
                int first = part.weights(i);
                double[] ofWeights = new double[count];
                double inner = 0;
                for (int j = 0; j < count; j++) {
                    ofWeights[j] = dy.dot(i, part.v(), j);
                    inner += ofWeights[j] * weights.get(first + j);
                }
                double[] gradient = new double[part.q().size()];
                for (int j = 0; j < count; j++) {
                    double weight = weights.get(first + j);
                    double score =
                            weight * (ofWeights[j] - inner) * given.spec().scale();
                    part.k().addTo(gradient, score, j);
                    part.q().addTo(gradientsK[j], score, i);
                    dy.addTo(gradientsV[j], weight, i);
                }
                dq.put(i, gradient);
            }
            Head dk = part.of(given.dk());
            Head dv = part.of(given.dv());
            for (int j = 0; j < part.keys(); j++) {
                dk.put(j, gradientsK[j]);
                dv.put(j, gradientsV[j]);
            }
        });
    }
}
