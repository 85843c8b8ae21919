package org.gatefold.op.recurrent;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.op.Arguments;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Shape;

/**
 * Everything that fixes a recurrent operation: a stack of layers over one padded batch of sequences.
 *
 * @param cell the cell
 * @param steps T, the padded number of steps
 * @param batch B, rows of the batch
 * @param inputSize I, features of a step
 * @param hiddenSize H, units of a layer and direction
 * @param layers L, stacked layers
 * @param direction directions of every layer
 * @param dropout probability of dropping an output of every layer but the last; in training only
 * @param options in what the cell departs from its equations
 * @param recomputeSegment keep states only at the borders of segments of so many steps and recompute gates in the
 *     backward pass; 0 keeps everything
 * @param precision how products are computed
 */
public record RecurrentSpec(
        Cell cell,
        int steps,
        int batch,
        int inputSize,
        int hiddenSize,
        int layers,
        Direction direction,
        float dropout,
        CellOptions options,
        int recomputeSegment,
        Precision precision) {
    /** The parts of a layer's weights: with 1 of input weights, 2 of peepholes, 4 of a projection, 8 of layer normalisation. */
    private static final List<List<RecurrentWeights.Part>> PARTS = IntStream.range(0, 16)
            .mapToObj(with -> Stream.of(RecurrentWeights.Part.values())
                    .filter(part -> switch (part) {
                        case WX -> (with & 1) != 0;
                        case WH, B -> true;
                        case PEEPHOLES -> (with & 2) != 0;
                        case WR -> (with & 4) != 0;
                        case NORM -> (with & 8) != 0;
                    })
                    .toList())
            .toList();

    public RecurrentSpec {
        Arguments.requireGiven("cell", cell);
        Arguments.requireGiven("direction", direction);
        Arguments.requireGiven("precision", precision);
        Arguments.requireAtLeast("steps", 1, steps);
        Arguments.requireAtLeast("batch", 1, batch);
        Arguments.requireAtLeast("inputSize", 1, inputSize);
        Arguments.requireAtLeast("hiddenSize", 1, hiddenSize);
        Arguments.requireAtLeast("layers", 1, layers);
        requireCountable(cell, steps, batch, inputSize, hiddenSize, layers, direction.count());
        Arguments.requireProbability("dropout", dropout);
        Arguments.requireAtLeast("recomputeSegment", 0, recomputeSegment);
        options = Arguments.requireGiven("options", options).of(cell, direction, inputSize, hiddenSize);
    }

    /**
     * What is multiplied later can be: ints count sets of weights, rows and columns of matrices and rows of all steps, and
     * everything that is kept or learnt has a size in bytes.
     */
    private static void requireCountable(Cell cell, int t, int b, int i, int h, int l, int d) {
        int gates = Math.max(cell.gates(), cell.biases());
        // A spec is made in every step: where the product of all of it is small, so are its parts, and no array is
        // made.
        if ((double) l * d * t * b * gates * h * Math.max(i, (double) d * h) <= Integer.MAX_VALUE) {
            return;
        }
        Shape.requireProduct("layers x directions", Integer.MAX_VALUE, l, d);
        Shape.requireProduct("directions x gates x hiddenSize", Integer.MAX_VALUE, d, gates, h);
        Shape.requireProduct("steps x batch", Integer.MAX_VALUE, t, b);
        Shape.requireProduct("steps x batch x inputSize", Shape.MOST_ELEMENTS, t, b, i);
        Shape.requireProduct(
                "layers x directions x steps x batch x gates x hiddenSize", Shape.MOST_ELEMENTS, l, d, t, b, gates, h);
        Shape.requireProduct("directions x gates x hiddenSize x inputSize", Shape.MOST_ELEMENTS, d, gates, h, i);
        Shape.requireProduct(
                "layers x directions x gates x hiddenSize x directions x hiddenSize",
                Shape.MOST_ELEMENTS,
                l,
                d,
                gates,
                h,
                d,
                h);
    }

    /** One layer, forward, no dropout, the plain cell, everything kept, F32; change it by the {@code with} methods. */
    public static RecurrentSpec of(Cell cell, int steps, int batch, int inputSize, int hiddenSize) {
        return new RecurrentSpec(
                cell,
                steps,
                batch,
                inputSize,
                hiddenSize,
                1,
                Direction.FORWARD,
                0f,
                CellOptions.PLAIN,
                0,
                Precision.F32);
    }

    public RecurrentSpec withSize(int newSteps, int newBatch) {
        return with(newSteps, newBatch, layers, direction, dropout, options, recomputeSegment, precision);
    }

    public RecurrentSpec withLayers(int count) {
        return with(steps, batch, count, direction, dropout, options, recomputeSegment, precision);
    }

    public RecurrentSpec withDirection(Direction newDirection) {
        return with(steps, batch, layers, newDirection, dropout, options, recomputeSegment, precision);
    }

    public RecurrentSpec withDropout(float probability) {
        return with(steps, batch, layers, direction, probability, options, recomputeSegment, precision);
    }

    public RecurrentSpec withOptions(CellOptions newOptions) {
        return with(steps, batch, layers, direction, dropout, newOptions, recomputeSegment, precision);
    }

    public RecurrentSpec withCellClip(float bound) {
        return withOptions(options.withCellClip(bound));
    }

    public RecurrentSpec withRecomputeSegment(int segment) {
        return with(steps, batch, layers, direction, dropout, options, segment, precision);
    }

    public RecurrentSpec withPrecision(Precision newPrecision) {
        return with(steps, batch, layers, direction, dropout, options, recomputeSegment, newPrecision);
    }

    /** The same cell and sizes of a layer. */
    private RecurrentSpec with(
            int t, int b, int l, Direction d, float p, CellOptions o, int segment, Precision products) {
        return new RecurrentSpec(cell, t, b, inputSize, hiddenSize, l, d, p, o, segment, products);
    }

    /** One of the stacked layers by itself, without dropout. */
    public RecurrentSpec ofLayer(int layer) {
        return new RecurrentSpec(
                cell, steps, batch, inputOf(layer), hiddenSize, 1, direction, 0f, options, recomputeSegment, precision);
    }

    /** D, the number of directions. */
    public int directions() {
        return direction.count();
    }

    /** P, features of h and of the output of a direction: those of the projection, or H without one. */
    public int projectionSize() {
        return options.projection() > 0 ? options.projection() : hiddenSize;
    }

    /** True if h is a projection of what the cell gives. */
    public boolean projects() {
        return options.projection() > 0;
    }

    /** D·P, features of the output. */
    public int outputSize() {
        return direction.count() * projectionSize();
    }

    /** Features that enter a layer: I for layer 0, D·P above. */
    public int inputOf(int layer) {
        return layer == 0 ? inputSize : outputSize();
    }

    /** Number of weight sets: one per layer and direction, at index {@code layer * D + direction}. */
    public int weightSets() {
        return layers * directions();
    }

    /** True if passes for training draw masks, and so depend on a seed. */
    public boolean draws() {
        CellNoise noise = options.noise();
        return (dropout > 0f && layers > 1) || (noise.drawn() && !noise.equals(CellNoise.NONE));
    }

    /** Bound on |c| of an LSTM; 0 means none. */
    public float cellClip() {
        return options.cellClip();
    }

    /** The functions of a direction's cells; 0 is the first or only direction. */
    public CellActivations activations(int index) {
        List<CellActivations> all = options.activations();
        return all.isEmpty() ? CellActivations.of(cell) : all.get(Math.min(index, all.size() - 1));
    }

    /** G·H, rows of Wx and Wh. */
    public int gateRows() {
        return cell.gates() * hiddenSize;
    }

    /** Elements of b. */
    public int biasSize() {
        return (options.resetBefore() ? cell.gates() : cell.biases()) * hiddenSize;
    }

    /** True if a layer's input goes to all gates as it is, without weights. */
    public boolean skipsInput(int layer) {
        return layer == 0 && options.skipInput();
    }

    /** The parts of a layer's weights. */
    public List<RecurrentWeights.Part> parts(int layer) {
        return PARTS.get((skipsInput(layer) ? 0 : 1)
                | (options.peepholes() ? 2 : 0)
                | (projects() ? 4 : 0)
                | (options.layerNorm() ? 8 : 0));
    }

    /** The shape of a part of a layer's weights, in each direction. */
    public Shape shape(RecurrentWeights.Part part, int layer) {
        return switch (part) {
            case WX -> Shape.of(gateRows(), inputOf(layer));
            case WH -> Shape.of(gateRows(), projectionSize());
            case B -> Shape.of(biasSize());
            case PEEPHOLES -> Shape.of(3 * hiddenSize);
            case WR -> Shape.of(projectionSize(), hiddenSize);
            case NORM -> Shape.of(2 * gateRows() + (cell.hasCellState() ? 2 * hiddenSize : 0));
        };
    }

    /** Parameters of all layers and directions. */
    public long parameters() {
        long sum = 0;
        for (int layer = 0; layer < layers; layer++) {
            for (RecurrentWeights.Part part : parts(layer)) {
                sum += directions() * shape(part, layer).elements();
            }
        }
        return sum;
    }
}
