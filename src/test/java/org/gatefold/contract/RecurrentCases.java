package org.gatefold.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentSpec;

/** The specs that the suite goes through, and what each is there for. */
final class RecurrentCases {
    private RecurrentCases() {}

    /** Every cell, direction and option; sizes off and on the width of vectors, down to 1. */
    static List<RecurrentSpec> standard() {
        List<RecurrentSpec> specs = new ArrayList<>();
        for (Cell cell : Cell.values()) {
            specs.add(RecurrentSpec.of(cell, 1, 1, 1, 1));
            specs.add(RecurrentSpec.of(cell, 3, 2, 5, 3));
            specs.add(RecurrentSpec.of(cell, 7, 5, 3, 17));
            specs.add(RecurrentSpec.of(cell, 7, 3, 9, 7).withDirection(Direction.REVERSE));
            specs.add(RecurrentSpec.of(cell, 7, 4, 6, 16).withDirection(Direction.BIDIRECTIONAL));
            specs.add(RecurrentSpec.of(cell, 3, 3, 4, 5)
                    .withLayers(3)
                    .withDirection(Direction.BIDIRECTIONAL)
                    .withDropout(0.3f));
            specs.add(RecurrentSpec.of(cell, 7, 3, 2, 33).withLayers(2).withDropout(0.5f));
            specs.add(RecurrentSpec.of(cell, 7, 5, 5, 13)
                    .withLayers(2)
                    .withDirection(Direction.BIDIRECTIONAL)
                    .withRecomputeSegment(3));
            // Rows, inputs and units beyond one tile of any blocked product.
            specs.add(RecurrentSpec.of(cell, 3, 37, 67, 70));
        }
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 3, 5, 9).withCellClip(0.4f));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 4, 5, 19)
                .withCellClip(0.3f)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(2));
        return specs;
    }

    /**
     * A spec of two bidirectional layers with dropout and sizes drawn at random; of several units, because the one sum that
     * makes up the gradient of a single bias may cancel to nearly nothing, and so has no scale to measure errors by.
     */
    static RecurrentSpec drawn(long seed) {
        Random random = new Random(seed * 7919 + 13);
        Cell cell = List.of(Cell.values()).get(random.nextInt(Cell.values().length));
        return RecurrentSpec.of(
                        cell,
                        1 + random.nextInt(9),
                        1 + random.nextInt(9),
                        1 + random.nextInt(20),
                        4 + random.nextInt(37))
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(random.nextInt(3) * 0.25f)
                .withCellClip(cell.hasCellState() && random.nextInt(4) == 0 ? 0.5f : 0f)
                .withRecomputeSegment(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0);
    }
}
