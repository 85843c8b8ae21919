package org.gatefold.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.LayerDescription;
import org.gatefold.tensor.Form;

/**
 * A {@link Graph} as plain data.
 *
 * @param inputs by name
 * @param layers each once, however often it is applied
 * @param steps in the order in which they are done
 * @param outputs the names of values, that is of inputs or steps, by the name of the output
 */
public record GraphDescription(
        Map<String, Form> inputs, List<LayerDescription> layers, List<Step> steps, Map<String, String> outputs)
        implements NetworkDescription {
    /**
     * How one value comes from others.
     *
     * @param name of the value
     * @param layer the name of the layer that is applied, to the first value, from the states that the others are or with the source
     *     that the second is; else null
     * @param merge how values are merged; else null
     * @param state the number of the state that the layer whose value is named ends with; {@link #NO_STATE} if a layer is applied or values are merged
     * @param of the names of inputs or of steps before
     */
    public record Step(String name, String layer, Merge merge, int state, List<String> of) {
        /** The number of a state where a step gives none. */
        public static final int NO_STATE = -1;

        public Step {
            of = List.copyOf(of);
        }

        /** True if this applies a layer to one value alone. */
        public boolean appliesToOne() {
            return layer != null && of.size() == 1;
        }
    }

    public GraphDescription {
        inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        layers = List.copyOf(layers);
        steps = List.copyOf(steps);
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }

    /** Layers one after the other, with input and output of the usual names. */
    public static GraphDescription chain(Form input, List<LayerDescription> layers) {
        List<Step> steps = new ArrayList<>();
        String before = Model.INPUT;
        for (LayerDescription layer : layers) {
            steps.add(new Step(layer.name(), layer.name(), null, Step.NO_STATE, List.of(before)));
            before = layer.name();
        }
        return new GraphDescription(Map.of(Model.INPUT, input), layers, steps, Map.of(Model.OUTPUT, before));
    }

    /** True if this is a {@link #chain}. */
    public boolean isChain() {
        return inputs.size() == 1 && inputs.containsKey(Model.INPUT) && equals(chain(inputs.get(Model.INPUT), layers));
    }
}
