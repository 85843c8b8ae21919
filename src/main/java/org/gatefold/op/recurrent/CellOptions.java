package org.gatefold.op.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.gatefold.op.Arguments;

/**
 * In what a cell departs from the equations of {@link Cell}; the same in all layers.
 *
 * @param peepholes i and f of an LSTM see the cell state before the step, o that after it (Gers and Schmidhuber 2000)
 * @param coupled the forget gate of an LSTM is 1 - i (Greff et al. 2017; ONNX {@code input_forget}); its weights and bias
 *     have no effect
 * @param resetBefore the reset gate of a GRU multiplies h before the recurrent product, not that product (Cho et al. 2014;
 *     Keras {@code reset_after=False}, ONNX {@code linear_before_reset=0}); the bias has no block for the recurrence then
 * @param gateClip bound on what activations of gates and candidates are taken of (ONNX {@code clip}); 0 means none
 * @param cellClip bound on |c| of an LSTM; 0 means none
 * @param noise random masks of the cell
 * @param activations one for every direction, or one for all; empty means the cell's own
 * @param projection P, to how many features the output of an LSTM is projected before it is given and carried (Sak et al.
 *     2014; PyTorch {@code proj_size}); 0 means none
 * @param skipInput the first layer's input, as wide as the layer, is added to the sums of all gates as it is, without input
 *     weights (cuDNN {@code CUDNN_SKIP_INPUT})
 * @param layerNorm the products with x and with h, and the cell state of an LSTM on its way out, are normalised over their
 *     row, with weights for the gains (Ba et al. 2016, equations 20 to 22)
 */
public record CellOptions(
        boolean peepholes,
        boolean coupled,
        boolean resetBefore,
        float gateClip,
        float cellClip,
        CellNoise noise,
        List<CellActivations> activations,
        int projection,
        boolean skipInput,
        boolean layerNorm) {
    /** Added to the variances by which layer normalisation divides. */
    public static final float LAYER_NORM_EPSILON = 1e-5f;

    /** The cell as its equations stand. */
    public static final CellOptions PLAIN =
            new CellOptions(false, false, false, 0f, 0f, CellNoise.NONE, List.of(), 0, false, false);

    public CellOptions {
        Arguments.requireGiven("noise", noise);
        Arguments.requireGiven("activations", activations);
        activations = List.copyOf(activations);
        Arguments.requireNotNegative("gateClip", gateClip);
        Arguments.requireNotNegative("cellClip", cellClip);
        Arguments.requireAtLeast("projection", 0, projection);
    }

    /** Options while some of them change. */
    private static final class Draft {
        private boolean peepholes;
        private boolean coupled;
        private boolean resetBefore;
        private float gateClip;
        private float cellClip;
        private CellNoise noise;
        private List<CellActivations> activations;
        private int projection;
        private boolean skipInput;
        private boolean layerNorm;

        Draft(CellOptions from) {
            peepholes = from.peepholes;
            coupled = from.coupled;
            resetBefore = from.resetBefore;
            gateClip = from.gateClip;
            cellClip = from.cellClip;
            noise = from.noise;
            activations = from.activations;
            projection = from.projection;
            skipInput = from.skipInput;
            layerNorm = from.layerNorm;
        }

        CellOptions options() {
            return new CellOptions(
                    peepholes,
                    coupled,
                    resetBefore,
                    gateClip,
                    cellClip,
                    noise,
                    activations,
                    projection,
                    skipInput,
                    layerNorm);
        }
    }

    private CellOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    public CellOptions withPeepholes(boolean wanted) {
        return with(draft -> draft.peepholes = wanted);
    }

    public CellOptions withCoupled(boolean wanted) {
        return with(draft -> draft.coupled = wanted);
    }

    public CellOptions withResetBefore(boolean wanted) {
        return with(draft -> draft.resetBefore = wanted);
    }

    public CellOptions withGateClip(float bound) {
        return with(draft -> draft.gateClip = bound);
    }

    public CellOptions withCellClip(float bound) {
        return with(draft -> draft.cellClip = bound);
    }

    public CellOptions withNoise(CellNoise masks) {
        return with(draft -> draft.noise = masks);
    }

    /** One for every direction, or one for all. */
    public CellOptions withActivations(CellActivations... all) {
        return with(draft -> draft.activations = List.of(all));
    }

    /** Projects the output to so many features; 0 for none. */
    public CellOptions withProjection(int features) {
        return with(draft -> draft.projection = features);
    }

    public CellOptions withSkipInput(boolean wanted) {
        return with(draft -> draft.skipInput = wanted);
    }

    public CellOptions withLayerNorm(boolean wanted) {
        return with(draft -> draft.layerNorm = wanted);
    }

    /** True if nothing but perhaps the bound on c departs from the cell's equations. */
    public boolean isPlainButForCellClip() {
        return withCellClip(0f).equals(PLAIN);
    }

    /** The same options where they can be, for a cell of so many units; activations that are the cell's own go. */
    CellOptions of(Cell cell, Direction direction, int inputSize, int hiddenSize) {
        boolean lstm = cell == Cell.LSTM;
        refuse(peepholes && !lstm, "peepholes", cell);
        refuse(coupled && !lstm, "coupled", cell);
        refuse(resetBefore && cell != Cell.GRU, "resetBefore", cell);
        if (layerNorm && (projection > 0 || skipInput)) {
            throw new IllegalArgumentException(
                    "layerNorm: expected false with a projection or an input that skips the product," + " got true");
        }
        if (cellClip > 0 && !cell.hasCellState()) {
            throw new IllegalArgumentException(
                    "cellClip: expected 0 for a " + cell + ", which has no cell state, got " + cellClip);
        }
        if (noise.zoneoutC() > 0 && !cell.hasCellState()) {
            throw new IllegalArgumentException(
                    "noise.zoneoutC: expected 0 for a " + cell + ", which has no cell state, got " + noise.zoneoutC());
        }
        if (projection > 0 && !cell.hasCellState()) {
            throw new IllegalArgumentException(
                    "projection: expected 0 for a " + cell + ", which has no cell state, got " + projection);
        }
        if (projection >= hiddenSize) {
            throw new IllegalArgumentException(
                    "projection: expected less than hiddenSize " + hiddenSize + ", got " + projection);
        }
        if (skipInput && inputSize != hiddenSize) {
            throw new IllegalArgumentException(
                    "skipInput: expected an inputSize as hiddenSize, " + hiddenSize + ", got " + inputSize);
        }
        if (activations.isEmpty()) {
            return this;
        }
        if (activations.size() > 1 && activations.size() != direction.count()) {
            throw new IllegalArgumentException("activations: expected one, or " + direction.count() + " for direction "
                    + direction + ", got " + activations.size());
        }
        CellActivations own = CellActivations.of(cell);
        boolean plain = activations.stream().allMatch(own::equals);
        return plain ? withActivations() : this;
    }

    private static void refuse(boolean asked, String option, Cell cell) {
        if (asked) {
            throw new IllegalArgumentException(option + ": expected false for a " + cell + ", got true");
        }
    }

    /** Each option that departs, as {@code peepholes, gateClip 0.5}; empty for a plain cell. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        add(parts, peepholes, "peepholes");
        add(parts, coupled, "coupled");
        add(parts, resetBefore, "reset before");
        add(parts, gateClip > 0, "gate clip " + gateClip);
        add(parts, cellClip > 0, "clip " + cellClip);
        add(parts, !noise.equals(CellNoise.NONE), noise.toString());
        add(parts, projection > 0, "projection " + projection);
        add(parts, skipInput, "skip input");
        add(parts, layerNorm, "layer norm");
        for (CellActivations one : activations) {
            parts.add(String.format(Locale.ROOT, "%s %s %s", one.gate(), one.candidate(), one.output()));
        }
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, boolean departs, String text) {
        if (departs) {
            parts.add(text);
        }
    }
}
