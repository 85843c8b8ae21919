package org.gatefold.layer.recurrent;

import java.util.Random;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.AfterEach;

/** What tests of recurrent layers on the reference have in common: random sequences to read, and layers built for them. */
abstract class RandomSequences {
    final Device device = Devices.named("reference");
    final Scope scope = device.openScope("model");

    /** {@code [T, B, F]}. */
    final float[] data;

    private final int features;

    RandomSequences(long seed, int steps, int batch, int features) {
        this.features = features;
        this.data = new float[steps * batch * features];
        Random random = new Random(seed);
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
    }

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    ParameterStore build(Layer layer, String name, long seed) {
        ParameterStore store = new ParameterStore();
        layer.build(store, name, Form.sequences(features));
        store.allocate(scope, seed);
        return store;
    }
}
