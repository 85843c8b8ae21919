package org.gatefold.layer;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Makes layers from their descriptions. Thread-safe. */
public final class Layers {
    private static final Map<String, Function<Options, Layer>> TYPES = new TreeMap<>(Map.of(
            "Lstm", Lstm::described,
            "Gru", Gru::described,
            "Rnn", Rnn::described,
            "Bidirectional", Bidirectional::described,
            "Linear", Linear::described,
            "Activation", ActivationLayer::described,
            "Softmax", Softmax::described,
            "Dropout", Dropout::described,
            "TimePooling", TimePooling::described));

    private Layers() {}

    /**
     * A new layer, not built yet, as described.
     *
     * @throws IllegalArgumentException if the type is unknown or an option is missing or wrong
     */
    public static Layer of(LayerDescription description) {
        return of(description.type(), description.options()).named(description.name());
    }

    static Layer of(String type, Map<String, ?> options) {
        Function<Options, Layer> maker = TYPES.get(type);
        if (maker == null) {
            throw new IllegalArgumentException(
                    "layer type: expected one of " + TYPES.keySet() + ", got '" + type + "'");
        }
        return maker.apply(new Options(type, options));
    }
}
