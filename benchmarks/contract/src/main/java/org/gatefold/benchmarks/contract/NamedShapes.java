package org.gatefold.benchmarks.contract;

import java.util.LinkedHashMap;
import java.util.Map;

/** The shapes that results are published for. Stateless. */
public final class NamedShapes {
    private NamedShapes() {}

    /** By name and in order: from tiny to large, one without a batch, one deep, one single step with carried state, one of a series of numbers. */
    public static Map<String, LayerShape> all() {
        Map<String, LayerShape> shapes = new LinkedHashMap<>();
        shapes.put("S1", new LayerShape(50, 32, 50, 50, 1, 1, false));
        shapes.put("S2", new LayerShape(64, 32, 128, 256, 1, 1, false));
        shapes.put("S3", new LayerShape(100, 64, 512, 512, 1, 1, false));
        shapes.put("S4", new LayerShape(25, 16, 1024, 1024, 1, 1, false));
        shapes.put("S5", new LayerShape(64, 1, 128, 256, 1, 1, false));
        shapes.put("S6", new LayerShape(64, 32, 128, 256, 2, 2, false));
        shapes.put("S7", new LayerShape(1, 1, 512, 512, 1, 1, true));
        shapes.put("S8", new LayerShape(60, 32, 1, 32, 1, 1, false));
        return shapes;
    }

    /** For what takes long by the number: an LSTM, a GRU, and two bidirectional layers, each a few kilobytes. */
    public static Map<String, LayerShape> tiny() {
        Map<String, LayerShape> shapes = new LinkedHashMap<>();
        shapes.put("tiny-lstm", new LayerShape(6, 4, 8, 16, 1, 1, false));
        shapes.put("tiny-gru", new LayerShape(Cell.GRU, 6, 4, 8, 16, 1, 1, false));
        shapes.put("tiny-deep", new LayerShape(6, 4, 8, 16, 2, 2, false));
        return shapes;
    }
}
