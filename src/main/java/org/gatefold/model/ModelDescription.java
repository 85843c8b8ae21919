package org.gatefold.model;

import java.util.List;
import org.gatefold.layer.LayerDescription;
import org.gatefold.tensor.Form;

/**
 * A {@link Sequential} model as plain data, without its weights; enough to build it again.
 *
 * @param input what the model takes
 * @param seed of the first weights
 * @param layers first to last
 */
public record ModelDescription(Form input, long seed, List<LayerDescription> layers) {
    public ModelDescription {
        layers = List.copyOf(layers);
    }
}
