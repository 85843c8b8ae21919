package org.gatefold.recipe.field.panel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Baseline.Attempt;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;

/** What models that forecast several series or columns are compared with: a method for each of them. Stateless. */
public final class PanelBaselines {
    private PanelBaselines() {}

    /**
     * The methods, each fitted to each series of a {@link PanelTable} by itself.
     *
     * @param methods at least one; the first, such as the last value, always applies, and stands where another one does not
     */
    public static List<Baseline> of(List<Baseline> methods) {
        return methods.stream()
                .map(method -> new Baseline(
                        method.name(),
                        (fields, training, test) -> eachSeries(method, methods.get(0), fields, training, test)))
                .toList();
    }

    private static Attempt eachSeries(Baseline method, Baseline other, Fields fields, Rows training, Rows test) {
        Map<String, Rows> known = new LinkedHashMap<>();
        Parts.of(training).forEach(part -> known.put(part.name(), part.rows()));
        List<String> details = new ArrayList<>();
        int[] without = new int[1];
        double[][] answers = Parts.each(test, new double[test.size()][], part -> {
            Fields own = PanelTarget.fields(fields, part);
            Attempt attempt = method.method().attempt(own, known.get(part.name()), part.rows());
            if (attempt.answers() == null) {
                without[0]++;
                return other.method()
                        .attempt(own, known.get(part.name()), part.rows())
                        .answers();
            }
            details.add(attempt.detail());
            return attempt.answers();
        });
        return new Attempt(detail(details, without[0], other.name()), answers);
    }

    private static String detail(List<String> details, int without, String other) {
        String common = details.stream().distinct().count() == 1 ? details.get(0) : "";
        String last = without == 0 ? "" : without + " series by " + other;
        return common + (common.isEmpty() || last.isEmpty() ? "" : "; ") + last;
    }
}
