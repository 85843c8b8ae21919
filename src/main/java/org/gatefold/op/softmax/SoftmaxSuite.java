package org.gatefold.op.softmax;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.tensor.Tensor;

/** Checks of softmax and its logarithm: one class, less than a block, more than one. */
public final class SoftmaxSuite extends Suite<SoftmaxOp> {
    private static final int[][] SIZES = {{3, 1}, {5, 37}, {2, 1000}};

    public SoftmaxSuite() {
        super(SoftmaxOp.class, checks());
    }

    private static List<NamedCheck<SoftmaxOp>> checks() {
        List<NamedCheck<SoftmaxOp>> all = new ArrayList<>();
        for (int[] size : SIZES) {
            for (boolean logarithm : new boolean[] {false, true}) {
                String group = logarithm ? "log softmax" : "softmax";
                String rows = "[" + size[0] + ", " + size[1] + "]";
                all.add(new NamedCheck<>(group, rows, (op, bench) -> {
                    Tensor x = bench.input("x", bench.gaussian(5f, size), size);
                    Tensor y = bench.output("y", size);
                    return () -> op.forward(logarithm, x, y);
                }));
                all.add(new NamedCheck<>(group, rows + " backward", (op, bench) -> {
                    Tensor y = bench.input("y", size);
                    Tensor dy = bench.input("dy", size);
                    Tensor dx = bench.output("dx", size);
                    return () -> op.backward(logarithm, y, dy, dx);
                }));
            }
        }
        return all;
    }
}
