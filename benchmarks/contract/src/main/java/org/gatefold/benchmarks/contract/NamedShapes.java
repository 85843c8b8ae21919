package org.gatefold.benchmarks.contract;

import java.util.LinkedHashMap;
import java.util.Map;

/** The shapes that results are published for. Stateless. */
public final class NamedShapes {
    private NamedShapes() {}

    /** By name and in order: from tiny to large, one without a batch, one deep, one single step with carried state, one of a series of numbers. */
    public static Map<String, LstmShape> all() {
        Map<String, LstmShape> shapes = new LinkedHashMap<>();
        shapes.put("S1", new LstmShape(50, 32, 50, 50, 1, 1, false));
        shapes.put("S2", new LstmShape(64, 32, 128, 256, 1, 1, false));
        shapes.put("S3", new LstmShape(100, 64, 512, 512, 1, 1, false));
        shapes.put("S4", new LstmShape(25, 16, 1024, 1024, 1, 1, false));
        shapes.put("S5", new LstmShape(64, 1, 128, 256, 1, 1, false));
        shapes.put("S6", new LstmShape(64, 32, 128, 256, 2, 2, false));
        shapes.put("S7", new LstmShape(1, 1, 512, 512, 1, 1, true));
        shapes.put("S8", new LstmShape(60, 32, 1, 32, 1, 1, false));
        return shapes;
    }
}
