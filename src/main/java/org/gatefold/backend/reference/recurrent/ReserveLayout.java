package org.gatefold.backend.reference.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Where a training forward pass keeps what its backward pass needs: the outputs of all layers but the last, and for every
 * layer and direction either gates and cell states of all steps, or only the cell states that enter each segment. Hidden
 * states need no room of their own, since they are outputs. Immutable.
 */
final class ReserveLayout {
    /** Part of the reserve; null where there is nothing to keep. */
    private record Part(long from, Shape shape) {}

    private final List<Part> sequences = new ArrayList<>();
    private final List<Part> gates = new ArrayList<>();
    private final List<Part> cells = new ArrayList<>();
    private final List<Part> borders = new ArrayList<>();
    private long elements;

    ReserveLayout(RecurrentSpec spec, CellMath math) {
        boolean recomputes = spec.recomputeSegment() > 0;
        boolean cellState = spec.cell().hasCellState();
        for (int layer = 0; layer < spec.layers(); layer++) {
            sequences.add(part(layer < spec.layers() - 1, spec.steps(), spec.batch(), spec.outputSize()));
            for (int direction = 0; direction < spec.directions(); direction++) {
                gates.add(part(
                        !recomputes && math.kept() > 0, spec.steps(), spec.batch(), math.kept() * spec.hiddenSize()));
                cells.add(part(!recomputes && cellState, spec.steps(), spec.batch(), spec.hiddenSize()));
                borders.add(part(recomputes && cellState, segments(spec), spec.batch(), spec.hiddenSize()));
            }
        }
    }

    private Part part(boolean wanted, int steps, int batch, int width) {
        if (!wanted) {
            return null;
        }
        Part part = new Part(elements, Shape.of(steps, batch, width));
        elements += part.shape().elements();
        return part;
    }

    /** Steps of a segment: what the spec says, or all. */
    static int segmentSteps(RecurrentSpec spec) {
        return spec.recomputeSegment() > 0 ? Math.min(spec.recomputeSegment(), spec.steps()) : spec.steps();
    }

    /** Number of segments. */
    static int segments(RecurrentSpec spec) {
        return (spec.steps() + segmentSteps(spec) - 1) / segmentSteps(spec);
    }

    /** Size in bytes. */
    long bytes() {
        return elements * Float.BYTES;
    }

    /** Output of a layer but the last, {@code [T, B, D·H]}. */
    Tensor sequence(Tensor reserve, int layer) {
        Part part = sequences.get(layer);
        return reserve.part("reserve.sequence", part.from(), part.shape());
    }

    /** What the cell keeps, {@code [T, B, kept·H]}; null if nothing, or if it is recomputed. */
    Steps gates(Tensor reserve, int set) {
        return steps(reserve, gates.get(set));
    }

    /** Cell states, {@code [T, B, H]}; null if there are none, or if they are recomputed. */
    Steps cells(Tensor reserve, int set) {
        return steps(reserve, cells.get(set));
    }

    /** Cell states that enter the segments, {@code [segments, B, H]}; null unless gates are recomputed. */
    Steps borders(Tensor reserve, int set) {
        return steps(reserve, borders.get(set));
    }

    private static Steps steps(Tensor reserve, Part part) {
        return part == null ? null : new Steps(reserve.part("reserve", part.from(), part.shape()));
    }
}
