package org.gatefold.exchange;

import java.util.List;
import java.util.Map;
import org.gatefold.layer.PassingLayer;

/** Passes on what comes, and has an option of a kind that descriptions do not keep. */
final class ListedLayer extends PassingLayer {
    @Override
    protected Map<String, Object> options() {
        return Map.of("sizes", List.of(1, 2));
    }
}
