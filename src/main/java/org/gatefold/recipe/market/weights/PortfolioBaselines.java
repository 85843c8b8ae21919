package org.gatefold.recipe.market.weights;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.gatefold.recipe.baseline.MinimumVariance;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Rows;

/** Simple portfolios beside {@link NextWeights}. Stateless. */
final class PortfolioBaselines {
    private PortfolioBaselines() {}

    /** Equal weights (DeMiguel, Garlappi and Uppal 2009), least variance by the training rows, and what is bought once in equal parts. */
    static List<Baseline> all() {
        return List.of(equal(), minimumVariance(), buyAndHold());
    }

    private static Baseline equal() {
        return new Baseline(
                "equal-weight",
                (fields, training, test) ->
                        new Baseline.Attempt("", equal(test.size(), ((NextWeights) fields.target()).outputs())));
    }

    private static Baseline minimumVariance() {
        return new Baseline("minimum-variance", (fields, training, test) -> {
            NextWeights target = (NextWeights) fields.target();
            Rows known = training.with(target.before(), 1);
            if (known.size() < 2) {
                return new Baseline.Attempt("fewer than 2 training rows", null);
            }
            double[] weights = MinimumVariance.fit(target.returns(known)).weights();
            double[][] answers = new double[test.size()][];
            Arrays.fill(answers, weights);
            String detail = Arrays.stream(weights)
                    .mapToObj(weight -> String.format(Locale.ROOT, "%.2f", weight))
                    .collect(Collectors.joining(" "));
            return new Baseline.Attempt(detail, answers);
        });
    }

    private static Baseline buyAndHold() {
        return new Baseline(
                "buy-and-hold",
                (fields, training, test) ->
                        new Baseline.Attempt("", held(((NextWeights) fields.target()).returns(test))));
    }

    static double[][] equal(int rows, int assets) {
        double[] weights = new double[assets];
        Arrays.fill(weights, 1.0 / assets);
        double[][] answers = new double[rows][];
        Arrays.fill(answers, weights);
        return answers;
    }

    /** The weights of what was bought in equal parts before the first of some rows; those of a row depend on rows before it alone. */
    static double[][] held(double[][] returns) {
        double[][] answers = new double[returns.length][];
        for (int row = 0; row < returns.length; row++) {
            int assets = returns[row].length;
            double[] values = new double[assets];
            double sum = 0;
            for (int i = 0; i < assets; i++) {
                values[i] = row == 0 ? 1 : answers[row - 1][i] * (1 + returns[row - 1][i]);
                sum += values[i];
            }
            for (int i = 0; i < assets; i++) {
                values[i] /= sum;
            }
            answers[row] = values;
        }
        return answers;
    }
}
