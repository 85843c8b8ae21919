package org.gatefold.op.loss;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Tensor;

/** Checks of losses and their gradients, with and without weights, some of which are 0. */
public final class LossSuite extends Suite<LossOp> {
    private static final int ROWS = 37;
    private static final int WIDTH = 11;
    private static final int IGNORED = -1;

    public LossSuite() {
        super(LossOp.class, checks());
    }

    private static List<NamedCheck<LossOp>> checks() {
        List<NamedCheck<LossOp>> all = new ArrayList<>();
        for (boolean weighted : new boolean[] {false, true}) {
            String how = weighted ? ", weighted" : "";
            for (LossOp.Regression kind : LossOp.Regression.values()) {
                String name = kind.name().toLowerCase(Locale.ROOT) + how;
                all.add(new NamedCheck<>("regression", name, (op, bench) -> {
                    Tensor prediction = bench.input("prediction", ROWS, WIDTH);
                    Tensor target = bench.input("target", ROWS, WIDTH);
                    Tensor weights = weights(bench, weighted);
                    Tensor loss = bench.output("loss", 1);
                    Tensor gradient = bench.output("dPrediction", ROWS, WIDTH);
                    return () -> op.regression(kind, 0.8f, prediction, target, weights, loss, gradient);
                }));
            }
            for (float smoothing : new float[] {0f, 0.1f}) {
                String name = "smoothing " + smoothing + how;
                all.add(new NamedCheck<>("cross-entropy", name, (op, bench) -> {
                    Tensor logits = bench.input("logits", bench.gaussian(3f, ROWS, WIDTH), ROWS, WIDTH);
                    Tensor labels = bench.integers("labels", labels());
                    Tensor weights = weights(bench, weighted);
                    Tensor loss = bench.output("loss", 1);
                    Tensor gradient = bench.output("dLogits", ROWS, WIDTH);
                    return () -> op.crossEntropy(logits, labels, IGNORED, smoothing, weights, loss, gradient);
                }));
            }
        }
        return all;
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
