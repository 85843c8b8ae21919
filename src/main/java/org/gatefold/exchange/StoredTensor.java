package org.gatefold.exchange;

import java.io.IOException;
import java.util.List;
import org.gatefold.file.StoredType;
import org.gatefold.tensor.Shape;

/**
 * A tensor of another system's file: its name, type and shape, and where its numbers come from; nothing is read before they are asked for.
 *
 * @param name within its file
 * @param type as it is stored
 * @param shape outermost first; empty for a single number
 * @param values reads its numbers as floats, row-major
 */
public record StoredTensor(String name, StoredType type, List<Long> shape, Values values) {
    public StoredTensor {
        shape = List.copyOf(shape);
    }

    /** Reads numbers, each time anew. */
    @FunctionalInterface
    public interface Values {
        float[] get() throws IOException;
    }

    /** Whether its shape is that of a parameter. */
    public boolean has(Shape expected) {
        if (shape.size() != expected.rank()) {
            return false;
        }
        for (int axis = 0; axis < shape.size(); axis++) {
            if (shape.get(axis) != expected.dim(axis)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return name + " " + type + " " + shape;
    }
}
