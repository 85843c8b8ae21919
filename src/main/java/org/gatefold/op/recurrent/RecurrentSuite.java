package org.gatefold.op.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.verify.Extent;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;

/**
 * Checks of recurrent layers: every cell, direction and option in every precision that an implementation takes; sizes of 1,
 * on and off the width of tiles; full rows, and rows of all lengths with one of 0.
 */
public final class RecurrentSuite extends Suite<RecurrentOp> {
    public RecurrentSuite() {
        super(RecurrentOp.class, List.of());
    }

    @Override
    public List<NamedCheck<RecurrentOp>> checks(RecurrentOp op, Extent extent) {
        List<NamedCheck<RecurrentOp>> all = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            for (Cell cell : Cell.values()) {
                List<RecurrentSpec> specs = extent == Extent.QUICK ? telling(cell) : specs(cell);
                for (RecurrentSpec spec : specs) {
                    add(all, op, spec.withPrecision(precision), Mode.TRAINING, true);
                }
                for (RecurrentSpec spec : withOptions(cell)) {
                    add(all, op, spec.withPrecision(precision), Mode.TRAINING, true);
                }
                // Full rows and inference may take other paths.
                for (RecurrentSpec spec : telling(cell)) {
                    add(all, op, spec.withPrecision(precision), Mode.TRAINING, false);
                    add(all, op, spec.withPrecision(precision), Mode.INFERENCE, true);
                    add(all, op, spec.withPrecision(precision), Mode.INFERENCE, false);
                }
            }
        }
        return all;
    }

    private static void add(
            List<NamedCheck<RecurrentOp>> all, RecurrentOp op, RecurrentSpec spec, Mode mode, boolean ragged) {
        // Masks of its own cannot be compared; without dropout they play no part.
        RecurrentSpec comparable = op.reproducibleDropout() ? spec : spec.withDropout(0f);
        if (op.unsupported(comparable, mode).isEmpty()) {
            RecurrentCheck check = new RecurrentCheck(comparable, mode, ragged);
            all.add(new NamedCheck<>(
                    comparable.cell() + ", " + comparable.precision(),
                    title(comparable, mode, ragged),
                    check.limit(),
                    check));
        }
    }

    private static List<RecurrentSpec> telling(Cell cell) {
        return List.of(
                RecurrentSpec.of(cell, 3, 3, 4, 5)
                        .withLayers(2)
                        .withDirection(Direction.BIDIRECTIONAL)
                        .withDropout(0.3f)
                        .withCellClip(cell.hasCellState() ? 0.4f : 0f),
                // Sizes that algorithms for tensor cores and for weights kept on the chip ask for.
                RecurrentSpec.of(cell, 4, 8, 128, 128));
    }

    /** Cells with options, for which implementations have kernels of their own. */
    private static List<RecurrentSpec> withOptions(Cell cell) {
        RecurrentSpec plain = RecurrentSpec.of(cell, 3, 3, 4, 5);
        CellOptions bounded = CellOptions.PLAIN.withGateClip(0.5f);
        CellNoise noise = CellNoise.NONE
                .withZoneout(0.3f, cell.hasCellState() ? 0.4f : 0f)
                .withCandidateDropout(0.2f)
                .withRecurrentDropout(0.25f);
        CellOptions noisy = CellOptions.PLAIN.withNoise(noise);
        RecurrentSpec skipping = RecurrentSpec.of(cell, plain.steps(), plain.batch(), 5, 5)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withOptions(CellOptions.PLAIN.withSkipInput(true));
        RecurrentSpec normalising = plain.withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withOptions(CellOptions.PLAIN.withLayerNorm(true));
        return switch (cell) {
            case LSTM ->
                List.of(
                        plain.withOptions(bounded.withPeepholes(true)),
                        plain.withOptions(noisy),
                        plain.withLayers(2)
                                .withDirection(Direction.BIDIRECTIONAL)
                                .withOptions(CellOptions.PLAIN.withProjection(3)),
                        plain.withOptions(noisy.withPeepholes(true).withProjection(2)),
                        normalising,
                        plain.withOptions(noisy.withPeepholes(true).withLayerNorm(true)),
                        skipping);
            case GRU ->
                List.of(
                        plain.withOptions(bounded),
                        plain.withOptions(bounded.withResetBefore(true)),
                        plain.withOptions(noisy),
                        plain.withOptions(noisy.withResetBefore(true)),
                        normalising,
                        plain.withOptions(noisy.withLayerNorm(true)),
                        normalising.withOptions(
                                CellOptions.PLAIN.withLayerNorm(true).withResetBefore(true)),
                        plain.withOptions(noisy.withLayerNorm(true).withResetBefore(true)));
            case RNN_TANH, RNN_RELU ->
                List.of(
                        plain.withOptions(bounded),
                        plain.withOptions(noisy),
                        normalising,
                        plain.withOptions(noisy.withLayerNorm(true)));
        };
    }

    private static List<RecurrentSpec> specs(Cell cell) {
        List<RecurrentSpec> specs = new ArrayList<>();
        specs.add(RecurrentSpec.of(cell, 1, 1, 1, 1));
        specs.add(RecurrentSpec.of(cell, 7, 5, 3, 17));
        specs.add(RecurrentSpec.of(cell, 7, 3, 9, 7).withDirection(Direction.REVERSE));
        specs.add(RecurrentSpec.of(cell, 6, 4, 6, 16).withDirection(Direction.BIDIRECTIONAL));
        specs.add(RecurrentSpec.of(cell, 7, 3, 2, 33).withLayers(2).withDropout(0.5f));
        specs.add(RecurrentSpec.of(cell, 7, 5, 5, 13)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(3));
        specs.add(RecurrentSpec.of(cell, 3, 37, 67, 70));
        specs.addAll(telling(cell));
        return specs;
    }

    private static String title(RecurrentSpec spec, Mode mode, boolean ragged) {
        StringBuilder title = new StringBuilder(String.format(
                Locale.ROOT, "T%d B%d I%d H%d", spec.steps(), spec.batch(), spec.inputSize(), spec.hiddenSize()));
        if (spec.layers() > 1) {
            title.append(", ").append(spec.layers()).append(" layers");
        }
        if (spec.direction() != Direction.FORWARD) {
            title.append(", ").append(spec.direction().name().toLowerCase(Locale.ROOT));
        }
        if (spec.dropout() > 0) {
            title.append(", dropout ").append(spec.dropout());
        }
        if (!spec.options().equals(CellOptions.PLAIN)) {
            title.append(", ").append(spec.options());
        }
        if (spec.recomputeSegment() > 0) {
            title.append(", recompute ").append(spec.recomputeSegment());
        }
        return title.append(ragged ? ", ragged, " : ", full rows, ")
                .append(mode.name().toLowerCase(Locale.ROOT))
                .toString();
    }
}
