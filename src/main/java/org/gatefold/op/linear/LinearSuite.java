package org.gatefold.op.linear;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Tensor;

/** Checks of the affine map: sizes of 1, off and on the width of tiles, with and without bias. */
public final class LinearSuite extends Suite<LinearOp> {
    private static final int[][] SIZES = {{1, 1, 1}, {7, 5, 3}, {33, 67, 70}, {64, 128, 96}};

    public LinearSuite() {
        super(LinearOp.class, checks());
    }

    private static List<NamedCheck<LinearOp>> checks() {
        List<NamedCheck<LinearOp>> all = new ArrayList<>();
        for (int[] size : SIZES) {
            String rows = "[" + size[0] + ", " + size[1] + "] to [" + size[0] + ", " + size[2] + "]";
            all.add(new NamedCheck<>("forward", rows, (op, bench) -> forward(op, bench, size, true)));
            all.add(new NamedCheck<>(
                    "forward", rows + " without bias", (op, bench) -> forward(op, bench, size, false)));
            all.add(new NamedCheck<>("backward", rows, (op, bench) -> backward(op, bench, size)));
        }
        return all;
    }

    private static Runnable forward(LinearOp op, Workbench bench, int[] size, boolean bias) {
        Tensor x = bench.input("x", size[0], size[1]);
        Tensor w = bench.input("w", size[2], size[1]);
        Tensor b = bias ? bench.input("b", size[2]) : null;
        Tensor y = bench.output("y", size[0], size[2]);
        return () -> op.forward(x, w, b, y);
    }

    private static Runnable backward(LinearOp op, Workbench bench, int[] size) {
        Tensor x = bench.input("x", size[0], size[1]);
        Tensor w = bench.input("w", size[2], size[1]);
        Tensor dy = bench.input("dy", size[0], size[2]);
        Tensor dx = bench.output("dx", size[0], size[1]);
        Tensor dw = bench.accumulator("dw", size[2], size[1]);
        Tensor db = bench.accumulator("db", size[2]);
        return () -> op.backward(x, w, dy, dx, dw, db);
    }
}
