package org.gatefold.train;

import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.layer.Context;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.norm.StatisticsPass;
import org.gatefold.model.Model;
import org.gatefold.model.ModelInputs;
import org.gatefold.tensor.Call;

/** Running statistics of batch normalisation that are those of a model's weights as they are. Stateless. */
public final class BatchStatistics {
    private BatchStatistics() {}

    /**
     * Computes the running statistics of all {@link BatchNorm} layers anew, as PyTorch's {@code torch.optim.swa_utils.update_bn}: by one pass
     * over data, in which layers normalise by the statistics of each batch, the mean of these over all batches. Unlike there nothing is
     * dropped, as in the inference that the statistics are for. The pass ends after a batch if there are no such layers.
     *
     * @param model whose running statistics are written, and nothing else; by no other thread in use
     * @param data as it is trained on; the order of the first epoch
     */
    public static void recompute(Model model, Batches data) {
        Batches.Epoch pass = data.epoch(0);
        StatisticsPass statistics = new StatisticsPass();
        try (Context context = Context.inference(model.device())) {
            context.attach(StatisticsPass.class, statistics);
            for (int index = 0; index < pass.count(); index++) {
                forward(model, context, pass.batch(index), index);
                if (!statistics.found()) {
                    return;
                }
            }
        }
        model.parameters().changed();
    }

    private static void forward(Model model, Context context, Batch batch, int number) {
        Call call = Call.begin();
        try {
            context.begin(number);
            if (!batch.continues()) {
                context.clearCarriedStates();
            }
            model.forward(context, ModelInputs.of(model, batch.upload(context.scope())));
        } finally {
            call.end();
        }
    }
}
