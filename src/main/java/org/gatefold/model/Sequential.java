package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.layer.Layer;
import org.gatefold.tensor.Form;

/** A {@link Model} of layers one after the other, in one statement; apart from a device, {@link Network#sequential}. */
public final class Sequential extends Model {
    /** Collects the layers of a model. One thread at a time. */
    public static final class Builder {
        private final Device device;
        private final List<Layer> layers = new ArrayList<>();
        private long seed;

        private Builder(Device device) {
            this.device = device;
        }

        /** The seed of the first weights; 0 by default. The same seed gives the same weights on every device. */
        public Builder seed(long newSeed) {
            seed = newSeed;
            return this;
        }

        /** Adds a layer on top; the layer itself becomes a part of the model. */
        public Builder add(Layer layer) {
            layers.add(layer);
            return this;
        }

        /** Builds a model on sequences whose steps have so many features. */
        @MustBeClosed
        public Sequential build(int features) {
            return build(Form.sequences(features));
        }

        /** Builds a model on sequences or rows. */
        @MustBeClosed
        public Sequential build(Form input) {
            return new Sequential(device, Graph.chain(input, layers), seed);
        }
    }

    @MustBeClosed
    private Sequential(Device device, Graph graph, long seed) {
        super(device, Network.of(graph), graph, parameters -> parameters.initialize(seed));
    }

    /** Starts a model on a device. */
    public static Builder on(Device device) {
        return new Builder(device);
    }
}
