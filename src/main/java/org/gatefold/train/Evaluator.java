package org.gatefold.train;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.DeviceBatch;
import org.gatefold.layer.Context;
import org.gatefold.model.Model;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Rows;
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
    private final Predictions predictions = new Predictions();

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    Evaluator(Model model, Loss loss, List<Metric> metrics) {
        this.model = model;
        this.loss = loss;
        this.metrics = metrics;
        this.context = Context.inference(model.device());
    }

    /** One pass over all batches in the order of the set. */
    Evaluation run(Batches data) {
        List<Metric.Accumulator> accumulators = new ArrayList<>();
        metrics.forEach(metric -> accumulators.add(metric.start().get()));
        Batches.Epoch pass = data.inOrder();
        double sum = 0;
        double weight = 0;
        for (int index = 0; index < pass.count(); index++) {
            Batch batch = pass.batch(index);
            context.begin(index);
            if (!batch.continues()) {
                context.clearCarriedStates();
            }
            DeviceBatch uploaded = batch.upload(context.scope());
            Variable output = model.forward(context, Rows.inputs(model, uploaded));
            Tensor value = context.scope().f32("loss", 1);
            loss.compute(model.device(), output, uploaded, value);
            double share = loss.weight(batch);
            if (share > 0) {
                sum += share * value.item();
                weight += share;
            }
            if (!accumulators.isEmpty()) {
                int count = Math.toIntExact(output.value().elements());
                output.value().read(0, predictions.buffer(count), 0, count);
                predictions.set(batch, output.shape().last());
                accumulators.forEach(accumulator -> accumulator.add(predictions));
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            values.put(metrics.get(i).name(), accumulators.get(i).value());
        }
        return new Evaluation(sum / weight, values);
    }

    @Override
    public void close() {
        context.close();
    }
}
