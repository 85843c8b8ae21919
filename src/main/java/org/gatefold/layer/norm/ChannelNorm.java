package org.gatefold.layer.norm;

import org.gatefold.layer.Layer;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Tensor;

/** A norm whose factors and shifts are those of channels, the first dimension of each row or step. */
abstract class ChannelNorm extends Layer {
    private int channels;
    private int places;

    /** Takes channels and the numbers of each from what comes in, and gives what goes out. */
    final Form measured(Form in) {
        Form out = in.withFeatures(in.last()); // refuses forms without a dimension
        channels = in.dimensions().get(0);
        places = Math.toIntExact(in.size() / channels);
        return out;
    }

    final int channels() {
        return channels;
    }

    final int places() {
        return places;
    }

    /** {@code [N, C, places]}, without a copy. */
    final Tensor channels(Tensor tensor) {
        return tensor.reshape(Math.toIntExact(tensor.elements() / channels / places), channels, places);
    }
}
