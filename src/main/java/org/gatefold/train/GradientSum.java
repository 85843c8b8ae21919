package org.gatefold.train;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.layer.Parameter;
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
 * through the host. Owns room for one set of gradients. One thread.
 */
final class GradientSum {
    private final Collective workers;
    private final ParameterStore parameters;
    private final DeviceSum onDevice;
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
    }

    /**
     * Puts the sums in the place of the gradients.
     *
     * @param factor that those of this worker are multiplied with before
     * @param scale of the loss, by which the sums are too large
     */
    void sum(float factor, float scale) {
        List<Stretch> trained = trained();
        if (onDevice != null) {
            onDevice.sum(trained, factor);
            return;
        }
        Tensor gradients = parameters.gradients();
        int count = trained.stream().mapToInt(Stretch::count).sum();
        room = room.length < count ? new float[count] : room;
        int at = 0;
        for (Stretch stretch : trained) {
            gradients.read(stretch.from(), room, at, stretch.count());
            at += stretch.count();
        }
        for (int i = 0; i < count; i++) {
            room[i] *= factor;
        }
        if (leftOut == null) {
            workers.allReduce(room, count, compression.wire());
        } else if (count > 0) {
            sumOfLargest(trained, count, scale);
        }
        at = 0;
        for (Stretch stretch : trained) {
            gradients.write(stretch.from(), room, at, stretch.count());
            at += stretch.count();
        }
    }

    private void sumOfLargest(List<Stretch> trained, int count, float scale) {
        int at = 0;
        for (Stretch stretch : trained) {
            for (int i = stretch.from(); i < stretch.from() + stretch.count(); i++) {
                room[at++] += leftOut[i] * scale;
            }
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

    /** Every stretch of the flat buffer that is trained. */
    private List<Stretch> trained() {
        List<Stretch> stretches = new ArrayList<>();
        int from = 0;
        int to = 0;
        for (Parameter parameter : parameters.list()) {
            if (parameter.isFrozen()) {
                continue;
            }
            int first = Math.toIntExact(parameter.offset());
            if (first - to >= ParameterStore.ALIGNMENT || from == to) {
                add(stretches, from, to);
                from = first;
            }
            to = first + Math.toIntExact(parameter.shape().elements());
        }
        add(stretches, from, to);
        return stretches;
    }

    private static void add(List<Stretch> stretches, int from, int to) {
        if (from < to) {
            stretches.add(new Stretch(from, to - from));
        }
    }
}
