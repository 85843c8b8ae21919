package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.DeviceBatch;
import org.gatefold.layer.Context;
import org.gatefold.model.Model;
import org.gatefold.model.ModelInputs;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
import org.gatefold.train.metric.Metric;
import org.gatefold.train.metric.Predictions;

/**
 * Runs a model over a set without dropout and measures it. Owns an inference context; one thread at a time.
 */
final class Evaluator implements AutoCloseable {
    private final Model model;
    private final Loss loss;
    private final List<Metric> metrics;
    private final Context context;
    private final Map<String, Predictions> predictions = new HashMap<>();

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    Evaluator(Model model, Loss loss, List<Metric> metrics) {
        this.model = model;
        this.loss = loss;
        this.metrics = metrics;
        this.context = Context.inference(model.device());
    }

    /** All batches in the order of the set, each going on from the one before where the model carries states. */
    static Batches.Epoch passOf(Model model, Batches data) {
        return model.carriesStates() ? data.continued().inOrder() : data.inOrder();
    }

    /** One pass over all batches in the order of the set. */
    Evaluation run(Batches data) {
        List<Metric.Accumulator> accumulators = new ArrayList<>();
        metrics.forEach(metric -> accumulators.add(metric.start().get()));
        Batches.Epoch pass = passOf(model, data);
        double sum = 0;
        double weight = 0;
        for (int index = 0; index < pass.count(); index++) {
            Batch batch = pass.batch(index);
            double share = loss.weight(batch);
            double mean = run(batch, index, accumulators);
            if (share > 0) {
                sum += share * mean;
                weight += share;
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            values.put(metrics.get(i).name(), accumulators.get(i).value());
        }
        return new Evaluation(sum / weight, values);
    }

    /** Measures one batch; gives its loss. */
    private double run(Batch batch, int number, List<Metric.Accumulator> accumulators) {
        Call call = Call.begin();
        try {
            context.begin(number);
            if (!batch.continues()) {
                context.clearCarriedStates();
            }
            DeviceBatch uploaded = batch.upload(context.scope());
            Outputs outputs = Outputs.of(context, model.forward(context, ModelInputs.of(model, uploaded)));
            Tensor value = context.scope().f32("loss", 1);
            loss.compute(outputs, uploaded, value);
            measure(accumulators, outputs, batch);
            return value.item();
        } finally {
            call.end();
        }
    }

    /** Reads every output that a metric looks at once. */
    private void measure(List<Metric.Accumulator> accumulators, Outputs outputs, Batch batch) {
        Set<String> read = new HashSet<>();
        for (int i = 0; i < metrics.size(); i++) {
            String name = metrics.get(i).output();
            Predictions outcome = predictions.computeIfAbsent(name, key -> new Predictions());
            if (read.add(name)) {
                outcome.read(name == null ? outputs.only() : outputs.get(name));
            }
            outcome.compareWith(batch, metrics.get(i).target());
            accumulators.get(i).add(outcome);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
