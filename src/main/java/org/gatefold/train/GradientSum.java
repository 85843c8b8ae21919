package org.gatefold.train;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.model.Model;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.parallel.Collective;
import org.gatefold.train.parallel.DeviceSum;
import org.gatefold.train.parallel.Stretch;

/**
 * Makes the gradients of all workers that are trained together sums over all of them: where the devices lie, if the workers can, else
 * through the host. Owns room for one set of gradients. One thread.
 */
final class GradientSum {
    private final Collective workers;
    private final ParameterStore parameters;
    private final DeviceSum onDevice;
    private float[] room = {};

    /** @param scope of the model's device; owns what is needed there */
    GradientSum(Collective workers, Model model, Scope scope) {
        this.workers = workers;
        parameters = model.parameters();
        onDevice =
                workers.onDevice(model.device(), scope, parameters.gradients()).orElse(null);
    }

    /**
     * Puts the sums in the place of the gradients.
     *
     * @param factor that those of this worker are multiplied with before
     */
    void sum(float factor) {
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
        workers.allReduce(room, count);
        at = 0;
        for (Stretch stretch : trained) {
            gradients.write(stretch.from(), room, at, stretch.count());
            at += stretch.count();
        }
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
