package org.gatefold.op.ctc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of CTC losses on full and ragged rows, with repeated labels, without any, and with more than there is room for. */
public final class CtcSuite extends Suite<CtcOp> {
    private static final int STEPS = 17;
    private static final int CLASSES = 6;
    private static final int LABELS = 7;
    private static final int[] VALID_STEPS = {17, 3, 11, 2, 0};
    private static final int[] COUNTS = {7, 0, 4, 5, 0};

    public CtcSuite() {
        super(CtcOp.class, checks());
    }

    private static List<NamedCheck<CtcOp>> checks() {
        List<NamedCheck<CtcOp>> all = new ArrayList<>();
        for (CtcSpec.Reduction reduction : CtcSpec.Reduction.values()) {
            for (boolean ragged : new boolean[] {false, true}) {
                for (boolean weighted : new boolean[] {false, true}) {
                    // The last class, so that labels begin at 0; in another check the first.
                    int blank = weighted ? 0 : CLASSES - 1;
                    String title = reduction.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                            + (ragged ? ", ragged" : ", full rows")
                            + (weighted ? ", weighted" : "");
                    CtcSpec spec = new CtcSpec(blank, reduction, true);
                    all.add(new NamedCheck<>(
                            "loss and gradient", title, (op, bench) -> run(op, bench, spec, ragged, weighted)));
                }
            }
        }
        return all;
    }

    private static Runnable run(CtcOp op, Workbench bench, CtcSpec spec, boolean ragged, boolean weighted) {
        int batch = COUNTS.length;
        Tensor logits = bench.input("logits", bench.gaussian(2f, STEPS, batch, CLASSES), STEPS, batch, CLASSES);
        Lengths steps = ragged ? bench.lengths(STEPS, VALID_STEPS) : null;
        Tensor labels = bench.integers("labels", labels(spec.blank())).reshape(LABELS, batch);
        Lengths counts = ragged ? bench.lengths(LABELS, COUNTS) : null;
        Tensor weights = weighted ? bench.input("weights", new float[] {0.5f, 2f, 1f, 1.5f, 0f}, batch) : null;
        Tensor loss = bench.output("loss", 1);
        Tensor gradient = bench.output("dLogits", STEPS, batch, CLASSES);
        return () -> op.loss(spec, logits, steps, labels, counts, weights, loss, gradient);
    }

    /** Labels of which some come twice on end and all come again. */
    private static int[] labels(int blank) {
        int[] labels = new int[LABELS * COUNTS.length];
        for (int i = 0; i < LABELS; i++) {
            for (int row = 0; row < COUNTS.length; row++) {
                int label = (i + row) / 2 % 3;
                labels[i * COUNTS.length + row] = label + (blank == 0 ? 1 : 0);
            }
        }
        return labels;
    }
}
