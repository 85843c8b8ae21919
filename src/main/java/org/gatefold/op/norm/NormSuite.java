package org.gatefold.op.norm;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of normalisation over features and over rows, these full and ragged, of features and of images. */
public final class NormSuite extends Suite<NormOp> {
    private static final int STEPS = 7;
    private static final int[] ROWS = {7, 0, 3, 1, 6};
    private static final int COUNT = STEPS * ROWS.length;
    private static final int WIDTH = 37;
    private static final float EPSILON = 1e-3f;

    public NormSuite() {
        super(NormOp.class, checks());
    }

    private static List<NamedCheck<NormOp>> checks() {
        List<NamedCheck<NormOp>> all = new ArrayList<>();
        for (boolean affine : new boolean[] {true, false}) {
            String name = affine ? "affine" : "plain";
            all.add(new NamedCheck<>("layers", name, (op, bench) -> {
                Tensor x = bench.input("x", COUNT, WIDTH);
                Tensor gamma = affine ? bench.input("gamma", WIDTH) : null;
                Tensor beta = affine ? bench.input("beta", WIDTH) : null;
                Tensor y = bench.output("y", COUNT, WIDTH);
                return () -> op.layerNorm(x, gamma, beta, EPSILON, y);
            }));
            all.add(new NamedCheck<>("layers", name + ", backward", (op, bench) -> {
                Tensor x = bench.input("x", COUNT, WIDTH);
                Tensor gamma = affine ? bench.input("gamma", WIDTH) : null;
                Tensor dy = bench.input("dy", COUNT, WIDTH);
                Tensor dx = bench.output("dx", COUNT, WIDTH);
                Tensor dgamma = affine ? bench.accumulator("dgamma", WIDTH) : null;
                Tensor dbeta = affine ? bench.accumulator("dbeta", WIDTH) : null;
                return () -> op.layerNormBackward(x, gamma, EPSILON, dy, dx, dgamma, dbeta);
            }));
        }
        for (int places : new int[] {1, 5}) {
            for (boolean ragged : new boolean[] {true, false}) {
                String name = (places == 1 ? "features, " : "images, ") + (ragged ? "ragged" : "full rows");
                all.add(new NamedCheck<>("batches", name, (op, bench) -> batch(op, bench, places, ragged)));
                all.add(new NamedCheck<>(
                        "batches", name + ", backward", (op, bench) -> batchBackward(op, bench, true, places, ragged)));
                all.add(new NamedCheck<>(
                        "batches",
                        name + ", backward, given statistics",
                        (op, bench) -> batchBackward(op, bench, false, places, ragged)));
            }
        }
        return all;
    }

    private static Lengths lengths(Workbench bench, boolean ragged) {
        return ragged ? bench.lengths(STEPS, ROWS) : null;
    }

    private static Runnable batch(NormOp op, Workbench bench, int places, boolean ragged) {
        Tensor x = bench.input("x", COUNT, WIDTH, places);
        Lengths lengths = lengths(bench, ragged);
        Tensor gamma = bench.input("gamma", WIDTH);
        Tensor beta = bench.input("beta", WIDTH);
        Tensor mean = bench.output("mean", WIDTH);
        Tensor variance = bench.output("variance", WIDTH);
        Tensor runningMean = bench.accumulator("running mean", WIDTH);
        Tensor runningVariance = bench.accumulator("running variance", WIDTH);
        Tensor y = bench.output("y", COUNT, WIDTH, places);
        return () -> {
            op.batchStatistics(x, lengths, 0.1f, mean, variance, runningMean, runningVariance);
            op.batchNorm(x, lengths, mean, variance, gamma, beta, EPSILON, y);
        };
    }

    private static Runnable batchBackward(NormOp op, Workbench bench, boolean ofBatch, int places, boolean ragged) {
        Tensor x = bench.input("x", COUNT, WIDTH, places);
        Lengths lengths = lengths(bench, ragged);
        Tensor gamma = bench.input("gamma", WIDTH);
        Tensor mean = bench.output("mean", WIDTH);
        Tensor variance = bench.output("variance", WIDTH);
        Tensor dy = bench.input("dy", COUNT, WIDTH, places);
        Tensor dx = bench.output("dx", COUNT, WIDTH, places);
        Tensor dgamma = bench.accumulator("dgamma", WIDTH);
        Tensor dbeta = bench.accumulator("dbeta", WIDTH);
        return () -> {
            op.batchStatistics(x, lengths, 0f, mean, variance, null, null);
            op.batchNormBackward(ofBatch, x, lengths, mean, variance, gamma, EPSILON, dy, dx, dgamma, dbeta);
        };
    }
}
