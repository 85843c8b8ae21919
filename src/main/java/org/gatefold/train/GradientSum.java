package org.gatefold.train;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.GradientProgress;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.Compression;
import org.gatefold.train.parallel.DeviceSum;
import org.gatefold.train.parallel.LargestNumbers;
import org.gatefold.train.parallel.Stretch;

/**
 * Makes the gradients of all workers that are trained together sums over all of them: where the devices lie, if the workers can, else
 * through the host, where parts go on their way during the backward pass. Owns room for one set of gradients. One thread.
 */
final class GradientSum implements AutoCloseable {
    private final Collective workers;
    private final ParameterStore parameters;
    private final DeviceSum onDevice;
    private final PartwiseSum byParts;
    private final Compression compression;
    private float[] room = {};

    /** What was left out so far, of true gradients, laid out as these; null where nothing is left out. */
    private float[] leftOut;

    /** @param scope of the model's device; owns what is needed there */
    GradientSum(Collective workers, Compression compression, Model model, Scope scope) {
        this.workers = workers;
        this.compression = compression;
        parameters = model.parameters();
        onDevice = compression.equals(Compression.NONE)
                ? workers.onDevice(model.device(), scope, parameters.gradients())
                        .orElse(null)
                : null;
        leftOut = compression.remembers() ? new float[parameters.values().arraySize()] : null;
        byParts = onDevice == null && leftOut == null ? new PartwiseSum(workers, parameters, compression.wire()) : null;
    }

    /**
     * Begins an update's sum, before its last pass. Between this and {@link #sum} nobody calls the workers.
     *
     * @param context of that pass
     * @param factor that gradients of this worker are multiplied with before
     */
    void begin(Context context, float factor) {
        if (byParts != null) {
            byParts.begin(factor);
            context.attach(GradientProgress.class, byParts);
        }
    }

    /**
     * Puts the sums in the place of the gradients.
     *
     * @param context that was given to {@link #begin}
     * @param factor that gradients of this worker are multiplied with before
     * @param scale of the loss, by which the sums are too large
     */
    void sum(Context context, float factor, float scale) {
        if (byParts != null) {
            context.attach(GradientProgress.class, null);
            byParts.finish();
            return;
        }
        List<Stretch> trained = PartwiseSum.trained(parameters.list());
        if (onDevice != null) {
            onDevice.sum(trained, factor);
        } else {
            sumOfLargest(trained, factor, scale);
        }
    }

    private void sumOfLargest(List<Stretch> trained, float factor, float scale) {
        int count = trained.stream().mapToInt(Stretch::count).sum();
        if (count == 0) {
            return;
        }
        Tensor gradients = parameters.gradients();
        room = room.length < count ? new float[count] : room;
        int at = 0;
        for (Stretch stretch : trained) {
            gradients.read(stretch.from(), room, at, stretch.count());
            for (int i = 0; i < stretch.count(); i++) {
                room[at + i] = room[at + i] * factor + leftOut[stretch.from() + i] * scale;
            }
            at += stretch.count();
        }
        int most = (int) Math.max(1, Math.round(compression.fraction() * count));
        byte[] mine = LargestNumbers.take(room, count, most);
        at = 0;
        for (Stretch stretch : trained) {
            for (int i = stretch.from(); i < stretch.from() + stretch.count(); i++) {
                float rest = room[at++] / scale;
                // What is not finite ends or skips the update, and is over with it.
                leftOut[i] = Float.isFinite(rest) ? rest : 0f;
            }
        }
        LargestNumbers.add(workers.allGather(mine), room, count);
        at = 0;
        for (Stretch stretch : trained) {
            gradients.write(stretch.from(), room, at, stretch.count());
            at += stretch.count();
        }
    }

    /** What each worker has left out so far, in their order; empty where nothing is. All workers call it together. */
    List<float[]> leftOut() {
        List<float[]> all = new ArrayList<>();
        for (int worker = 0; leftOut != null && worker < workers.size(); worker++) {
            // Zeros of all others change nothing.
            float[] its = worker == workers.rank() ? leftOut.clone() : new float[leftOut.length];
            workers.allReduce(its, its.length);
            all.add(its);
        }
        return all;
    }

    /** Goes on with what this worker had left out. */
    void restore(float[] saved) {
        leftOut = saved;
    }

    @Override
    public void close() {
        if (byParts != null) {
            byParts.close();
        }
    }
}
