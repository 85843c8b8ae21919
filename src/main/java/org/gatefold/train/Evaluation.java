package org.gatefold.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.DeviceBatch;
import org.gatefold.layer.Context;
import org.gatefold.model.BatchFirst;
import org.gatefold.model.Model;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
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
        try (Evaluator evaluator = new Evaluator(model, loss, List.of(metrics))) {
            return evaluator.run(data);
        }
    }

    /**
     * What a model gives for every row of a set, without dropout; targets are not needed.
     *
     * @return {@code [row][output]}, in the order of the set
     * @throws IllegalArgumentException if the model gives sequences
     */
    public static float[][] outputs(Model model, Batches data) {
        if (model.output().sequence()) {
            throw new IllegalArgumentException("model: expected one row of outputs per row, got " + model.output());
        }
        float[][] all = new float[data.data().size()][];
        try (Context context = Context.inference(model.device())) {
            Batches.Epoch pass = data.inOrder();
            int done = 0;
            for (int index = 0; index < pass.count(); index++) {
                context.begin(index);
                context.clearCarriedStates();
                DeviceBatch uploaded = pass.batch(index).upload(context.scope());
                Outputs outputs = Outputs.of(context, model.forward(context, ModelInputs.of(model, uploaded)));
                for (float[] row : BatchFirst.read(outputs.only().value())) {
                    all[done++] = row;
                }
            }
        }
        return all;
    }
}
