package org.gatefold.op.sequence;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of what moves and reduces padded batches: full rows, and rows of all lengths with one of 0. */
public final class SequenceSuite extends Suite<SequenceOp> {
    private static final int STEPS = 7;
    private static final int FEATURES = 37;
    private static final int[] ROWS = {7, 0, 3, 1, 6};

    public SequenceSuite() {
        super(SequenceOp.class, checks());
    }

    private static List<NamedCheck<SequenceOp>> checks() {
        List<NamedCheck<SequenceOp>> all = new ArrayList<>();
        all.add(new NamedCheck<>("moves", "transpose", (op, bench) -> {
            Tensor x = bench.input("x", STEPS, ROWS.length, FEATURES);
            Tensor y = bench.output("y", ROWS.length, STEPS, FEATURES);
            return () -> op.transpose(x, y);
        }));
        all.add(new NamedCheck<>("moves", "mask", (op, bench) -> {
            Lengths lengths = bench.lengths(STEPS, ROWS);
            Tensor weights = bench.output("weights", STEPS, ROWS.length);
            return () -> op.mask(lengths, weights);
        }));
        all.add(new NamedCheck<>("moves", "concatenate", (op, bench) -> {
            Tensor a = bench.input("a", STEPS, FEATURES);
            Tensor b = bench.input("b", STEPS, 5);
            Tensor y = bench.output("y", STEPS, FEATURES + 5);
            return () -> op.concatenate(a, b, y);
        }));
        all.add(new NamedCheck<>("moves", "split", (op, bench) -> {
            Tensor y = bench.input("y", STEPS, FEATURES + 5);
            Tensor a = bench.output("a", STEPS, FEATURES);
            Tensor b = bench.output("b", STEPS, 5);
            return () -> op.split(y, a, b);
        }));
        for (SequenceOp.Pooling pooling : SequenceOp.Pooling.values()) {
            for (boolean ragged : new boolean[] {true, false}) {
                String name = pooling.name().toLowerCase(Locale.ROOT) + (ragged ? ", ragged" : ", full rows");
                all.add(new NamedCheck<>("pooling", name, (op, bench) -> {
                    Tensor x = bench.input("x", STEPS, ROWS.length, FEATURES);
                    Lengths lengths = lengths(bench, ragged);
                    Tensor y = bench.output("y", ROWS.length, FEATURES);
                    return () -> op.pool(pooling, x, lengths, y);
                }));
                all.add(new NamedCheck<>("pooling", name + ", backward", (op, bench) -> {
                    Tensor x = bench.input("x", STEPS, ROWS.length, FEATURES);
                    Lengths lengths = lengths(bench, ragged);
                    Tensor dy = bench.input("dy", ROWS.length, FEATURES);
                    Tensor dx = bench.output("dx", STEPS, ROWS.length, FEATURES);
                    return () -> op.poolBackward(pooling, x, lengths, dy, dx);
                }));
            }
        }
        return all;
    }

    private static Lengths lengths(Workbench bench, boolean ragged) {
        return ragged ? bench.lengths(STEPS, ROWS) : null;
    }
}
