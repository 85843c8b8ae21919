package org.gatefold.layer;

import java.util.Map;
import java.util.function.Function;

/** The recurrent layers. */
public final class RecurrentLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of(
                "Lstm", Lstm::described,
                "Gru", Gru::described,
                "Rnn", Rnn::described,
                "Bidirectional", Bidirectional::described);
    }
}
