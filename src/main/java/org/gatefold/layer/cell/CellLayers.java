package org.gatefold.layer.cell;

import java.util.Map;
import java.util.function.Function;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerFamily;
import org.gatefold.layer.Options;

/** The layer of this package. */
public final class CellLayers implements LayerFamily {
    @Override
    public Map<String, Function<Options, Layer>> types() {
        return Map.of("CellLoop", CellLoop::described);
    }
}
