package org.gatefold.op.loss;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Tensor;

/** Checks of losses and their gradients, with and without weights, some of which are 0. */
public final class LossSuite extends Suite<LossOp> {
    private static final int ROWS = 37;
    private static final int WIDTH = 11;
    private static final int IGNORED = -1;
    private static final List<PointwiseLoss> FUNCTIONS = List.of(
            PointwiseLoss.mse(),
            PointwiseLoss.mae(),
            PointwiseLoss.huber(0.8f),
            PointwiseLoss.logCosh(),
            PointwiseLoss.binaryCrossEntropy(),
            PointwiseLoss.focal(2f, 0.25f),
            PointwiseLoss.hinge(),
            PointwiseLoss.squaredHinge(),
            PointwiseLoss.quantile(),
            PointwiseLoss.gaussianNll(),
            PointwiseLoss.studentTNll(4f),
            PointwiseLoss.klDivergence());

    public LossSuite() {
        super(LossOp.class, checks());
    }

    private static List<NamedCheck<LossOp>> checks() {
        List<NamedCheck<LossOp>> all = new ArrayList<>();
        for (boolean weighted : new boolean[] {false, true}) {
            String how = weighted ? ", weighted" : "";
            for (PointwiseLoss function : FUNCTIONS) {
                all.add(new NamedCheck<>(
                        "pointwise",
                        function.description() + how,
                        (op, bench) -> pointwise(op, bench, function, weighted)));
            }
            for (float smoothing : new float[] {0f, 0.1f}) {
                for (boolean byClass : new boolean[] {false, true}) {
                    String name = "smoothing " + smoothing + (byClass ? ", weights of classes" : "") + how;
                    all.add(new NamedCheck<>("cross-entropy", name, (op, bench) -> {
                        Tensor logits = bench.input("logits", bench.gaussian(3f, ROWS, WIDTH), ROWS, WIDTH);
                        Tensor labels = bench.integers("labels", labels());
                        Tensor classes = byClass ? bench.input("classWeights", steps(WIDTH), WIDTH) : null;
                        Tensor weights = weights(bench, weighted);
                        Tensor loss = bench.output("loss", 1);
                        Tensor gradient = bench.output("dLogits", ROWS, WIDTH);
                        return () ->
                                op.crossEntropy(logits, labels, IGNORED, smoothing, classes, weights, loss, gradient);
                    }));
                }
            }
            for (boolean paired : new boolean[] {false, true}) {
                String name = (paired ? "all together" : "some together") + how;
                all.add(new NamedCheck<>("cosine-embedding", name, (op, bench) -> {
                    Tensor a = bench.input("a", ROWS, WIDTH);
                    Tensor b = bench.input("b", ROWS, WIDTH);
                    Tensor together = paired ? null : bench.input("together", bench.gaussian(1f, ROWS), ROWS);
                    Tensor weights = weights(bench, weighted);
                    Tensor loss = bench.output("loss", 1);
                    Tensor da = bench.output("dA", ROWS, WIDTH);
                    Tensor db = bench.output("dB", ROWS, WIDTH);
                    return () -> op.cosineEmbedding(a, b, together, 0.1f, weights, loss, da, db);
                }));
            }
        }
        return all;
    }

    private static Runnable pointwise(LossOp op, Workbench bench, PointwiseLoss function, boolean weighted) {
        Tensor table =
                switch (function.kind()) {
                    case QUANTILE -> bench.input("table", new float[] {0.1f, 0.5f, 0.9f}, 3);
                    case BINARY_CROSS_ENTROPY -> bench.input("table", steps(WIDTH), WIDTH);
                    default -> null;
                };
        int columns = WIDTH * function.parts(3);
        Tensor prediction = bench.input("prediction", ROWS, columns);
        float[] targets = bench.gaussian(1f, ROWS, WIDTH);
        for (int i = 0; i < targets.length && probabilities(function); i++) {
            targets[i] = i % 3 == 0 ? 0f : i % 3 == 1 ? 1f : Math.abs(targets[i] % 1);
        }
        Tensor target = bench.input("target", targets, ROWS, WIDTH);
        Tensor weights = weights(bench, weighted);
        Tensor loss = bench.output("loss", 1);
        Tensor gradient = bench.output("dPrediction", ROWS, columns);
        return () -> op.pointwise(function, table, prediction, target, weights, loss, gradient);
    }

    private static boolean probabilities(PointwiseLoss function) {
        return switch (function.kind()) {
            case BINARY_CROSS_ENTROPY, FOCAL, KL_DIVERGENCE -> true;
            default -> false;
        };
    }

    /** 0.5, 1, 1.5, … */
    private static float[] steps(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i + 1) * 0.5f;
        }
        return values;
    }

    private static Tensor weights(Workbench bench, boolean weighted) {
        if (!weighted) {
            return null;
        }
        float[] values = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            values[row] = row % 4 * 0.5f;
        }
        return bench.input("weights", values, ROWS);
    }

    private static int[] labels() {
        int[] labels = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            labels[row] = row % 5 == 0 ? IGNORED : row * 7 % WIDTH;
        }
        return labels;
    }
}
