package org.gatefold.op.attention;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of attention with one head and several, on full and ragged rows, causal and not. */
public final class AttentionSuite extends Suite<AttentionOp> {
    private static final int QUERIES = 9;
    private static final int KEYS = 13;
    private static final int[] ROWS = {13, 0, 5, 1};
    private static final int FEATURES = 12;
    private static final int VALUES = 18;

    public AttentionSuite() {
        super(AttentionOp.class, checks());
    }

    private static List<NamedCheck<AttentionOp>> checks() {
        List<NamedCheck<AttentionOp>> all = new ArrayList<>();
        for (int heads : new int[] {1, 3}) {
            for (boolean causal : new boolean[] {false, true}) {
                for (boolean ragged : new boolean[] {true, false}) {
                    AttentionSpec spec = new AttentionSpec(heads, 0.4f, causal);
                    String title = (heads == 1 ? "one head" : heads + " heads")
                            + (causal ? ", causal" : "")
                            + (ragged ? ", ragged" : ", full rows");
                    all.add(new NamedCheck<>(
                            "forward and backward", title, (op, bench) -> run(op, bench, spec, ragged)));
                }
            }
        }
        return all;
    }

    private static Runnable run(AttentionOp op, Workbench bench, AttentionSpec spec, boolean ragged) {
        int batch = ROWS.length;
        Tensor q = bench.input("q", QUERIES, batch, FEATURES);
        Tensor k = bench.input("k", KEYS, batch, FEATURES);
        Tensor v = bench.input("v", KEYS, batch, VALUES);
        Lengths lengths = ragged ? bench.lengths(KEYS, ROWS) : null;
        Tensor p = bench.output("p", batch, spec.heads(), QUERIES, KEYS);
        Tensor y = bench.output("y", QUERIES, batch, VALUES);
        Tensor dy = bench.input("dy", QUERIES, batch, VALUES);
        Tensor dq = bench.output("dq", QUERIES, batch, FEATURES);
        Tensor dk = bench.output("dk", KEYS, batch, FEATURES);
        Tensor dv = bench.output("dv", KEYS, batch, VALUES);
        return () -> {
            op.forward(spec, q, k, v, lengths, p, y);
            op.backward(spec, q, k, v, lengths, p, dy, dq, dk, dv);
        };
    }
}
