package org.gatefold.op.pooling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of pooling over steps, full and ragged, and over images, with stride and padding that counts or does not. */
public final class PoolingSuite extends Suite<PoolingOp> {
    private static final int STEPS = 13;
    private static final int[] ROWS = {13, 0, 5, 1, 12};
    private static final int CHANNELS = 19;

    public PoolingSuite() {
        super(PoolingOp.class, checks());
    }

    private static List<NamedCheck<PoolingOp>> checks() {
        List<NamedCheck<PoolingOp>> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Map<String, PoolingSpec> steps = new LinkedHashMap<>();
            steps.put("causal", PoolingSpec.steps(kind, 4, 1, 3, false));
            steps.put("strided, padding counts", PoolingSpec.steps(kind, 3, 2, 1, true));
            steps.forEach((name, spec) -> {
                for (boolean ragged : new boolean[] {true, false}) {
                    String title = kind + ", " + name + (ragged ? ", ragged" : ", full rows");
                    all.add(new NamedCheck<>("steps", title, (op, bench) -> steps(op, bench, spec, ragged)));
                }
            });
            Map<String, PoolingSpec> images = new LinkedHashMap<>();
            images.put("overlapping", new PoolingSpec(kind, true, 3, 2, 2, 1, 1, 1, false));
            images.put("padding counts", new PoolingSpec(kind, true, 2, 3, 2, 2, 1, 1, true));
            images.forEach((name, spec) ->
                    all.add(new NamedCheck<>("images", kind + ", " + name, (op, bench) -> images(op, bench, spec))));
        }
        return all;
    }

    private static Runnable steps(PoolingOp op, Workbench bench, PoolingSpec spec, boolean ragged) {
        Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
        return both(
                op, bench, spec, lengths, new int[] {STEPS, ROWS.length, CHANNELS}, new int[] {7, ROWS.length, CHANNELS
                });
    }

    private static Runnable images(PoolingOp op, Workbench bench, PoolingSpec spec) {
        return both(op, bench, spec, null, new int[] {3, CHANNELS, 7, 9}, new int[] {3, CHANNELS, 4, 6});
    }

    private static Runnable both(
            PoolingOp op, Workbench bench, PoolingSpec spec, Lengths lengths, int[] in, int[] out) {
        Tensor x = bench.input("x", in);
        Tensor y = bench.output("y", out);
        Tensor dy = bench.input("dy", out);
        Tensor dx = bench.output("dx", in);
        return () -> {
            op.forward(spec, x, lengths, y);
            op.backward(spec, x, lengths, y, dy, dx);
        };
    }
}
