package org.gatefold.recipe.market.moves;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.gatefold.recipe.baseline.MajorityClass;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;

/** Simple methods beside a {@link NextMove}. Stateless. */
final class MoveBaselines {
    /** Rows over which a trend is told. */
    private static final int TREND = 20;

    private MoveBaselines() {}

    /** What is always held, the most frequent move of the training rows, and the direction of the last rows (Moskowitz et al. 2012). */
    static List<Baseline> all() {
        return List.of(buyAndHold(), majority(), trend());
    }

    private static Baseline buyAndHold() {
        return new Baseline(
                "buy-and-hold",
                (fields, training, test) -> new Baseline.Attempt("", answers(test, row -> NextMove.UP)));
    }

    private static Baseline majority() {
        return new Baseline("majority", (fields, training, test) -> {
            NextMove target = (NextMove) fields.target();
            Rows known = training.with(target.before(), 1);
            int move = MajorityClass.fit(target.moves(known), target.outputs()).label();
            return new Baseline.Attempt("", answers(test, row -> move));
        });
    }

    private static Baseline trend() {
        return new Baseline("trend", (fields, training, test) -> {
            double[] prices = test.table().numbers(fields.target().name());
            return new Baseline.Attempt(
                    "of " + TREND + " rows",
                    answers(
                            test,
                            row -> NextMove.FLAT
                                    + (int) Math.signum(prices[row - 1] - prices[Math.max(0, row - 1 - TREND)])));
        });
    }

    private static double[][] answers(Rows test, IntUnaryOperator move) {
        return Arrays.stream(test.indices())
                .mapToObj(row -> NextMove.certainly(move.applyAsInt(row)))
                .toArray(double[][]::new);
    }
}
