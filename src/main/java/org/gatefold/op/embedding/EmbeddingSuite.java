package org.gatefold.op.embedding;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Checks of look-ups on full and ragged rows: repeated ids, ids that occur once, a padding id, an id outside the table. */
public final class EmbeddingSuite extends Suite<EmbeddingOp> {
    private static final int STEPS = 61;
    private static final int[] ROWS = {61, 0, 17, 1, 60};
    private static final int COUNT = STEPS * ROWS.length;
    private static final int VOCABULARY = 301;
    private static final int WIDTH = 37;
    private static final int PADDING = 3;

    public EmbeddingSuite() {
        super(EmbeddingOp.class, checks());
    }

    private static List<NamedCheck<EmbeddingOp>> checks() {
        List<NamedCheck<EmbeddingOp>> all = new ArrayList<>();
        for (boolean ragged : new boolean[] {true, false}) {
            String rows = ragged ? "ragged" : "full rows";
            for (float maxNorm : new float[] {0f, 5f}) {
                String name = rows + (maxNorm > 0 ? ", norms limited" : "");
                all.add(new NamedCheck<>("look-ups", name, (op, bench) -> {
                    Tensor ids = ids(bench);
                    Lengths lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
                    Tensor w = bench.input("w", VOCABULARY, WIDTH);
                    Tensor y = bench.output("y", STEPS, ROWS.length, WIDTH);
                    return () -> op.forward(ids, lengths, w, maxNorm, y);
                }));
            }
            all.add(new NamedCheck<>("gradients", rows, (op, bench) -> {
                Sorting sorting = new Sorting(op, bench, ragged);
                Tensor dy = bench.input("dy", COUNT, WIDTH);
                Tensor dw = bench.accumulator("dw", VOCABULARY, WIDTH);
                return () -> {
                    sorting.run();
                    op.backward(sorting.sorted, sorting.positions, dy, dw);
                };
            }));
            all.add(new NamedCheck<>("tables", "renormalize, " + rows, (op, bench) -> {
                Sorting sorting = new Sorting(op, bench, ragged);
                Tensor w = bench.accumulator("w", VOCABULARY, WIDTH);
                return () -> {
                    sorting.run();
                    op.renormalize(sorting.sorted, 0.5f, w);
                };
            }));
            all.add(new NamedCheck<>("tables", "clear, " + rows, (op, bench) -> {
                Sorting sorting = new Sorting(op, bench, ragged);
                Tensor dw = bench.accumulator("dw", VOCABULARY, WIDTH);
                return () -> {
                    sorting.run();
                    op.clear(sorting.sorted, dw);
                };
            }));
        }
        return all;
    }

    /** Ids of which small ones occur often; one lies outside the table. */
    private static Tensor ids(Workbench bench) {
        int[] ids = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            int spread = i * 7919 % VOCABULARY;
            ids[i] = i % 2 == 0 ? spread % 7 : spread;
        }
        ids[COUNT / 2] = VOCABULARY;
        ids[1] = -1;
        return bench.integers("ids", ids).reshape(STEPS, ROWS.length);
    }

    private static final class Sorting {
        private final EmbeddingOp op;
        private final Tensor ids;
        private final Lengths lengths;
        private final Tensor sorted;
        private final Tensor positions;

        Sorting(EmbeddingOp op, Workbench bench, boolean ragged) {
            this.op = op;
            this.ids = ids(bench);
            this.lengths = ragged ? bench.lengths(STEPS, ROWS) : null;
            this.sorted = bench.scope().i32("sorted", COUNT);
            this.positions = bench.scope().i32("positions", COUNT);
        }

        void run() {
            op.sort(ids, lengths, VOCABULARY, PADDING, sorted, positions);
        }
    }
}
