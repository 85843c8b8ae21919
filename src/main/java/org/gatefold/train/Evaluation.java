package org.gatefold.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.model.Model;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/**
 * How well a model does on a set.
 *
 * @param loss mean over all target rows by their weights; NaN if nothing counts
 * @param metrics by name, in the order they were asked for
 */
public record Evaluation(double loss, Map<String, Double> metrics) {
    public Evaluation {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** Runs a model over a set, without dropout; the size of the batches has no influence on what is measured. */
    public static Evaluation of(Model model, Batches data, Loss loss, Metric... metrics) {
        model.requireIds(data.data());
        try (Evaluator evaluator = new Evaluator(model, loss, List.of(metrics))) {
            return evaluator.run(data);
        }
    }
}
