package org.gatefold.op.crf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of conditional random fields, full and ragged, with scores that forbid and without. */
public final class CrfSuite extends Suite<CrfOp> {
    private static final int STEPS = 11;
    private static final int[] ROWS = {11, 0, 1, 6, 2};

    public CrfSuite() {
        super(CrfOp.class, checks());
    }

    private static List<NamedCheck<CrfOp>> checks() {
        List<NamedCheck<CrfOp>> all = new ArrayList<>();
        for (int labels : new int[] {2, 9, 131}) {
            for (boolean ragged : new boolean[] {true, false}) {
                for (boolean forbidding : new boolean[] {true, false}) {
                    String name = labels + " labels" + (ragged ? ", ragged" : ", full rows")
                            + (forbidding ? ", some forbidden" : "");
                    all.add(new NamedCheck<>("likelihood", name, (op, bench) -> {
                        Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
                        return likelihood(op, bench, scores(bench, labels, forbidding), lengths, labels);
                    }));
                    all.add(new NamedCheck<>("decoding", name, (op, bench) -> {
                        Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
                        return decoding(op, bench, scores(bench, labels, forbidding), lengths, labels);
                    }));
                }
            }
        }
        return all;
    }

    /** Scores under which label K-1 follows only itself and 0, and begins and ends nothing. */
    private static CrfScores scores(Workbench bench, int labels, boolean forbidding) {
        int last = labels - 1;
        float[] transitions = bench.gaussian(1f, labels, labels);
        float[] start = bench.gaussian(1f, labels);
        float[] end = bench.gaussian(1f, labels);
        if (forbidding) {
            for (int from = 1; from < last; from++) {
                transitions[from * labels + last] = Float.NEGATIVE_INFINITY;
            }
            start[last] = Float.NEGATIVE_INFINITY;
            end[last] = Float.NEGATIVE_INFINITY;
        }
        return new CrfScores(
                bench.input("transitions", transitions, labels, labels),
                bench.input("start", start, labels),
                bench.input("end", end, labels));
    }

    private static Runnable likelihood(CrfOp op, Workbench bench, CrfScores scores, Lengths lengths, int labels) {
        int batch = ROWS.length;
        Tensor emissions = bench.input("emissions", STEPS, batch, labels);
        int[] right = new int[STEPS * batch];
        Arrays.setAll(right, i -> i * 7 / 3 % (labels - 1));
        Tensor given = bench.integers("labels", right).reshape(STEPS, batch);
        Tensor dy = bench.input("dy", batch);
        Tensor y = bench.output("y", batch);
        Tensor dEmissions = bench.output("dEmissions", STEPS, batch, labels);
        CrfScores dScores = new CrfScores(
                bench.accumulator("dTransitions", labels, labels),
                bench.accumulator("dStart", labels),
                bench.accumulator("dEnd", labels));
        return () -> {
            op.logLikelihood(scores, emissions, lengths, given, y);
            op.logLikelihoodBackward(scores, emissions, lengths, given, dy, dEmissions, dScores);
        };
    }

    /** The path is compared as numbers, for these are what results are. */
    private static Runnable decoding(CrfOp op, Workbench bench, CrfScores scores, Lengths lengths, int labels) {
        int batch = ROWS.length;
        Tensor emissions = bench.input("emissions", STEPS, batch, labels);
        Tensor path = bench.scope().i32("path", STEPS, batch);
        Tensor best = bench.output("best", batch);
        Tensor seen = bench.output("path as numbers", STEPS * batch);
        return () -> {
            op.decode(scores, emissions, lengths, path, best);
            int[] ids = path.toInts();
            float[] numbers = new float[ids.length];
            for (int i = 0; i < ids.length; i++) {
                numbers[i] = ids[i];
            }
            seen.write(numbers);
        };
    }
}
