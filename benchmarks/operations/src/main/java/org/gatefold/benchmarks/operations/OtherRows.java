package org.gatefold.benchmarks.operations;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.device.Scope;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.op.ctc.CtcSpec;
import org.gatefold.op.loss.LossOp;
import org.gatefold.tensor.Shape;

/** The rows of losses and of the optimiser. Stateless. */
final class OtherRows {
    private static final List<Pass> BOTH = List.of(Pass.FORWARD, Pass.TRAINING);
    private static final int SUM = 2;

    private OtherRows() {}

    static List<Row> all() {
        return List.of(
                crossEntropy("cross-entropy of 100, 2048 rows", 2048, 100),
                crossEntropy("cross-entropy of 10000, 600 rows", 600, 10_000),
                ctc(200, 16, 32, 30),
                crf(30, 32, 9),
                adam("adam, 5 million weights", 5_000_000));
    }

    private static Row crossEntropy(String name, int rows, int classes) {
        int[] labels = Numbers.ints(rows, 0, classes, 2);
        double count = (double) rows * classes;
        return new Row(
                name,
                BOTH,
                Work.memory(count, 2 * count),
                0,
                threads -> new GatefoldScores(Shape.of(rows, classes), 1, threads, scope -> {
                    LossOp op = scope.device().operation(LossOp.class);
                    org.gatefold.tensor.Tensor of = scope.i32("labels", rows);
                    of.write(labels);
                    return (scores, loss, gradient) -> op.crossEntropy(scores, of, -1, 0f, null, null, loss, gradient);
                }),
                List.of(peer(longs(labels, rows), torch::cross_entropy_loss)));
    }

    private static Row ctc(int steps, int batch, int classes, int labels) {
        int[] drawn = Numbers.ints((long) labels * batch, 1, classes, 2);
        int[] turned = new int[drawn.length];
        for (int i = 0; i < drawn.length; i++) {
            turned[i % batch * labels + i / batch] = drawn[i];
        }
        long[] allSteps = new long[batch];
        long[] allLabels = new long[batch];
        Arrays.fill(allSteps, steps);
        Arrays.fill(allLabels, labels);
        return new Row(
                "CTC of " + classes + ", T" + steps + " B" + batch + ", " + labels + " labels",
                BOTH,
                Work.UNTOLD,
                0,
                threads -> new GatefoldScores(Shape.of(steps, batch, classes), 1, threads, scope -> {
                    CtcOp op = scope.device().operation(CtcOp.class);
                    CtcSpec spec = new CtcSpec(0, CtcSpec.Reduction.SUM, false);
                    org.gatefold.tensor.Tensor of = scope.i32("labels", labels, batch);
                    of.write(drawn);
                    return (scores, loss, gradient) -> op.loss(spec, scores, null, of, null, null, loss, gradient);
                }),
                List.of(peer(
                        longs(turned, batch, labels),
                        (scores, of) ->
                                torch.ctc_loss(torch.log_softmax(scores, 2), of, allSteps, allLabels, 0, SUM, false))));
    }

    /** libtorch has none. */
    private static Row crf(int steps, int batch, int labels) {
        int[] drawn = Numbers.ints((long) steps * batch, 0, labels, 2);
        return new Row(
                "CRF of " + labels + ", T" + steps + " B" + batch,
                BOTH,
                Work.UNTOLD,
                0,
                threads -> new GatefoldScores(Shape.of(steps, batch, labels), batch, threads, scope -> {
                    CrfOp op = scope.device().operation(CrfOp.class);
                    CrfScores between = between(scope, labels, 3);
                    CrfScores gradients = between(scope, labels, 4);
                    org.gatefold.tensor.Tensor of = scope.i32("labels", steps, batch);
                    of.write(drawn);
                    org.gatefold.tensor.Tensor ones = scope.f32("ones", batch);
                    ones.fill(1f);
                    return (scores, loss, gradient) -> {
                        op.logLikelihood(between, scores, null, of, loss);
                        if (gradient != null) {
                            op.logLikelihoodBackward(between, scores, null, of, ones, gradient, gradients);
                        }
                    };
                }),
                List.of());
    }

    private static CrfScores between(Scope scope, int labels, long seed) {
        CrfScores made = new CrfScores(
                scope.f32("transitions", labels, labels), scope.f32("start", labels), scope.f32("end", labels));
        made.transitions().write(Numbers.floats((long) labels * labels, seed));
        made.start().write(Numbers.floats(labels, seed));
        made.end().write(Numbers.floats(labels, seed + 1));
        return made;
    }

    private static Row adam(String name, int count) {
        return new Row(
                name,
                List.of(Pass.TRAINING),
                Work.memory(0, 7.0 * count),
                0,
                threads -> new GatefoldAdam(count, threads),
                List.of(new Row.Peer("", like -> {
                    GatefoldAdam adam = (GatefoldAdam) like;
                    return new LibTorchAdam(adam.weights(), adam.gradients());
                })));
    }

    private interface Loss {
        Tensor of(Tensor scores, Tensor labels);
    }

    private static Row.Peer peer(Tensor labels, Loss loss) {
        return new Row.Peer("", like -> new LibTorchScores((GatefoldScores) like, scores -> loss.of(scores, labels)));
    }

    private static Tensor longs(int[] values, long... sizes) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return Tensor.create(wide, sizes);
    }
}
