package org.gatefold.layer.recurrent;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

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
