package org.gatefold.backend.reference.operation;

import java.nio.FloatBuffer;
import org.gatefold.backend.reference.math.Floats;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Attention in plain Java, in double precision. Stateless and thread-safe. */
public final class ReferenceAttentionOp implements AttentionOp {
    @Override
    public String name() {
        return ReferenceName.NAME;
    }

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

    private interface EachHead {
        void of(int row, int head, int valid);
    }

    private static void eachHead(AttentionSpec spec, Tensor k, Lengths lengths, EachHead work) {
        for (int row = 0; row < k.shape().dim(1); row++) {
            for (int head = 0; head < spec.heads(); head++) {
                work.of(row, head, lengths == null ? k.shape().dim(0) : lengths.of(row));
            }
        }
    }

    /** Keys that query i attends to: the first so many. */
    private static int attended(AttentionSpec spec, int i, int valid) {
        return spec.causal() ? Math.min(i + 1, valid) : valid;
    }

    @Override
    public void computeForward(ForwardArguments given) {
        FloatBuffer weights = Floats.of(given.p());
        int keys = given.k().shape().dim(0);
        int queries = given.q().shape().dim(0);
        eachHead(given.spec(), given.k(), given.lengths(), (row, head, valid) -> {
            Head ofQ = Head.of(given.q(), given.spec().heads(), row, head);
            Head ofK = Head.of(given.k(), given.spec().heads(), row, head);
            Head ofV = Head.of(given.v(), given.spec().heads(), row, head);
            Head ofY = Head.of(given.y(), given.spec().heads(), row, head);
            for (int i = 0; i < queries; i++) {
                int count = attended(given.spec(), i, valid);
                double[] scores = new double[keys];
                double most = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < count; j++) {
                    scores[j] = given.spec().scale() * ofQ.dot(i, ofK, j);
                    most = Math.max(most, scores[j]);
                }
                double total = 0;
                for (int j = 0; j < count; j++) {
                    scores[j] = Math.exp(scores[j] - most);
                    total += scores[j];
                }
                double[] sum = new double[ofV.size()];
                int first = ((row * given.spec().heads() + head) * queries + i) * keys;
                for (int j = 0; j < keys; j++) {
                    double weight = j < count ? scores[j] / total : 0;
                    weights.put(first + j, (float) weight);
                    if (j < count) {
                        ofV.addTo(sum, weight, j);
                    }
                }
                ofY.put(i, sum);
            }
        });
    }

    @Override
    public void computeBackward(BackwardArguments given) {
        FloatBuffer weights = Floats.of(given.p());
        int keys = given.k().shape().dim(0);
        int queries = given.q().shape().dim(0);
        eachHead(given.spec(), given.k(), given.lengths(), (row, head, valid) -> {
            Head ofQ = Head.of(given.q(), given.spec().heads(), row, head);
            Head ofK = Head.of(given.k(), given.spec().heads(), row, head);
            Head ofV = Head.of(given.v(), given.spec().heads(), row, head);
            Head ofDy = Head.of(given.dy(), given.spec().heads(), row, head);
            double[][] gradientsK = new double[keys][ofK.size()];
            double[][] gradientsV = new double[keys][ofV.size()];
            for (int i = 0; i < queries; i++) {
                int count = attended(given.spec(), i, valid);
                int first = ((row * given.spec().heads() + head) * queries + i) * keys;
                double[] ofWeights = new double[count];
                double inner = 0;
                for (int j = 0; j < count; j++) {
                    ofWeights[j] = ofDy.dot(i, ofV, j);
                    inner += ofWeights[j] * weights.get(first + j);
                }
                double[] gradient = new double[ofQ.size()];
                for (int j = 0; j < count; j++) {
                    double weight = weights.get(first + j);
                    double score =
                            weight * (ofWeights[j] - inner) * given.spec().scale();
                    ofK.addTo(gradient, score, j);
                    ofQ.addTo(gradientsK[j], score, i);
                    ofDy.addTo(gradientsV[j], weight, i);
                }
                Head.of(given.dq(), given.spec().heads(), row, head).put(i, gradient);
            }
            for (int j = 0; j < keys; j++) {
                Head.of(given.dk(), given.spec().heads(), row, head).put(j, gradientsK[j]);
                Head.of(given.dv(), given.spec().heads(), row, head).put(j, gradientsV[j]);
            }
        });
    }
}
