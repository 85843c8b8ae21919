package org.gatefold.contract.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.junit.jupiter.params.provider.Arguments;

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

    /** Every option of cells by itself, and together with others: each in both directions and on either side of a tile's width. */
    static List<RecurrentSpec> options() {
        List<RecurrentSpec> specs = new ArrayList<>();
        CellOptions plain = CellOptions.PLAIN;
        add(specs, Cell.LSTM, plain.withPeepholes(true));
        add(specs, Cell.LSTM, plain.withPeepholes(true).withCellClip(0.4f));
        add(specs, Cell.LSTM, plain.withCoupled(true));
        add(specs, Cell.LSTM, plain.withCoupled(true).withPeepholes(true));
        add(specs, Cell.GRU, plain.withResetBefore(true));
        add(specs, Cell.GRU, plain.withResetBefore(true).withGateClip(0.5f));
        for (Cell cell : Cell.values()) {
            add(specs, cell, plain.withGateClip(0.5f));
            for (GateActivation.Kind kind : GateActivation.Kind.values()) {
                GateActivation one = example(kind);
                CellActivations own = CellActivations.of(cell);
                // Without a bound, gates that grow with the state would grow beyond all numbers.
                add(
                        specs,
                        cell,
                        plain.withGateClip(1.5f).withActivations(new CellActivations(one, own.candidate(), one)));
                add(specs, cell, plain.withActivations(new CellActivations(own.gate(), one, own.output())));
            }
        }
        CellActivations hard =
                new CellActivations(GateActivation.HARD_SIGMOID, GateActivation.SOFTSIGN, GateActivation.elu(0.8f));
        CellActivations scaled = new CellActivations(
                GateActivation.HARD_SIGMOID_SIXTH, GateActivation.scaledTanh(1.2f, 0.7f), GateActivation.IDENTITY);
        add(specs, Cell.LSTM, plain.withPeepholes(true).withGateClip(0.9f).withActivations(hard, scaled));
        add(specs, Cell.LSTM, plain.withCoupled(true).withCellClip(0.3f).withActivations(scaled, hard));
        add(specs, Cell.GRU, plain.withActivations(hard, scaled));
        add(specs, Cell.GRU, plain.withResetBefore(true).withActivations(scaled, hard));
        add(specs, Cell.RNN_TANH, plain.withGateClip(0.8f).withActivations(scaled, hard));
        addNoise(specs);
        specs.add(RecurrentSpec.of(Cell.GRU, 7, 5, 5, 13)
                .withLayers(2)
                .withRecomputeSegment(3)
                .withOptions(plain.withResetBefore(true)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 37, 20, 40)
                .withLayers(2)
                .withDropout(0.3f)
                .withRecomputeSegment(2)
                .withOptions(plain.withPeepholes(true).withActivations(hard)));
        addProjections(specs);
        addSkippedInputs(specs);
        addLayerNorms(specs);
        return specs;
    }

    /** Inputs that skip the product: few rows and many, tails of vectors and whole ones, with what else sums gates. */
    private static void addSkippedInputs(List<RecurrentSpec> specs) {
        CellOptions skip = CellOptions.PLAIN.withSkipInput(true);
        for (Cell cell : Cell.values()) {
            specs.add(RecurrentSpec.of(cell, 1, 1, 1, 1).withOptions(skip));
            specs.add(RecurrentSpec.of(cell, 7, 5, 17, 17)
                    .withDirection(Direction.REVERSE)
                    .withOptions(skip));
            specs.add(RecurrentSpec.of(cell, 7, 37, 70, 70)
                    .withDirection(Direction.BIDIRECTIONAL)
                    .withOptions(skip));
            specs.add(RecurrentSpec.of(cell, 7, 5, 13, 13)
                    .withLayers(2)
                    .withDirection(Direction.BIDIRECTIONAL)
                    .withDropout(0.3f)
                    .withRecomputeSegment(3)
                    .withOptions(skip));
            specs.add(RecurrentSpec.of(cell, 7, 29, 33, 33)
                    .withLayers(2)
                    .withRecomputeSegment(2)
                    .withOptions(skip.withGateClip(0.6f)
                            .withNoise(CellNoise.NONE.withZoneout(0.3f, 0f).withRecurrentDropout(0.3f))));
        }
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 5, 19, 19)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(3)
                .withOptions(skip.withProjection(6).withPeepholes(true)));
        specs.add(RecurrentSpec.of(Cell.GRU, 7, 5, 19, 19)
                .withDirection(Direction.BIDIRECTIONAL)
                .withOptions(skip.withResetBefore(true)));
    }

    /** Projections by themselves, and with what they meet in a step; on either side of the width of vectors and tiles. */
    private static void addProjections(List<RecurrentSpec> specs) {
        CellOptions plain = CellOptions.PLAIN;
        RecurrentSpec small = RecurrentSpec.of(Cell.LSTM, 5, 3, 4, 7);
        specs.add(RecurrentSpec.of(Cell.LSTM, 1, 1, 1, 2).withOptions(plain.withProjection(1)));
        specs.add(small.withOptions(plain.withProjection(6)));
        specs.add(small.withDirection(Direction.REVERSE).withOptions(plain.withProjection(3)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 5, 6, 40)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.3f)
                .withOptions(plain.withProjection(16)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 5, 5, 33)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(3)
                .withOptions(plain.withProjection(17).withCellClip(0.4f)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 3, 37, 67, 150).withOptions(plain.withProjection(70)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 4, 1, 3, 48)
                .withLayers(3)
                .withOptions(plain.withProjection(20).withPeepholes(true)));
        CellNoise ofH = CellNoise.NONE.withZoneout(0.3f, 0f).withRecurrentDropout(0.35f);
        CellNoise all = ofH.withZoneout(0.3f, 0.4f).withCandidateDropout(0.25f);
        specs.add(small.withOptions(plain.withProjection(4).withNoise(ofH)));
        specs.add(small.withOptions(plain.withProjection(4).withNoise(all.inference())));
        CellActivations hard =
                new CellActivations(GateActivation.HARD_SIGMOID, GateActivation.SOFTSIGN, GateActivation.elu(0.8f));
        specs.add(RecurrentSpec.of(Cell.LSTM, 6, 5, 5, 37)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f)
                .withRecomputeSegment(2)
                .withOptions(plain.withProjection(19)
                        .withPeepholes(true)
                        .withCoupled(true)
                        .withGateClip(0.9f)
                        .withActivations(hard)
                        .withNoise(all)));
    }

    /** Layer normalisation by itself, and with what it meets in a step; on either side of the width of vectors and tiles. */
    private static void addLayerNorms(List<RecurrentSpec> specs) {
        CellOptions norm = CellOptions.PLAIN.withLayerNorm(true);
        for (Cell cell : Cell.values()) {
            addLayerNorms(specs, cell, norm);
        }
        addLayerNorms(specs, Cell.GRU, norm.withResetBefore(true));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 5, 5, 33)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(3)
                .withOptions(norm.withCellClip(0.4f)));
        specs.add(RecurrentSpec.of(Cell.LSTM, 4, 1, 3, 48)
                .withLayers(2)
                .withOptions(norm.withPeepholes(true).withCoupled(true)));
        specs.add(withEverything(Cell.LSTM, norm.withPeepholes(true).withCoupled(true)));
    }

    private static void addLayerNorms(List<RecurrentSpec> specs, Cell cell, CellOptions norm) {
        specs.add(RecurrentSpec.of(cell, 1, 1, 3, 3).withOptions(norm));
        specs.add(RecurrentSpec.of(cell, 5, 3, 4, 7).withOptions(norm));
        specs.add(RecurrentSpec.of(cell, 7, 3, 9, 16)
                .withDirection(Direction.REVERSE)
                .withOptions(norm));
        specs.add(RecurrentSpec.of(cell, 7, 5, 6, 19)
                .withLayers(3)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.3f)
                .withOptions(norm));
        specs.add(RecurrentSpec.of(cell, 3, 37, 67, 70).withOptions(norm));
        specs.add(RecurrentSpec.of(cell, 5, 3, 4, 7)
                .withOptions(norm.withNoise(noise(cell).inference())));
        specs.add(withEverything(cell, norm));
    }

    /** Options, and noise, activations and a clip with them. */
    private static RecurrentSpec withEverything(Cell cell, CellOptions options) {
        return RecurrentSpec.of(cell, 6, 5, 5, 37)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f)
                .withRecomputeSegment(2)
                .withOptions(options.withGateClip(0.9f)
                        .withActivations(new CellActivations(
                                GateActivation.HARD_SIGMOID, GateActivation.SOFTSIGN, GateActivation.elu(0.8f)))
                        .withNoise(noise(cell)));
    }

    private static CellNoise noise(Cell cell) {
        return CellNoise.NONE
                .withZoneout(0.3f, cell.hasCellState() ? 0.4f : 0f)
                .withCandidateDropout(0.25f)
                .withRecurrentDropout(0.35f);
    }

    /** Every kind of noise by itself, and with what it meets in a step. */
    private static void addNoise(List<RecurrentSpec> specs) {
        CellOptions plain = CellOptions.PLAIN;
        CellOptions resetBefore = plain.withResetBefore(true);
        CellNoise zoneout = CellNoise.NONE.withZoneout(0.4f, 0f);
        CellNoise candidate = CellNoise.NONE.withCandidateDropout(0.3f);
        CellNoise recurrent = CellNoise.NONE.withRecurrentDropout(0.35f);
        for (Cell cell : Cell.values()) {
            add(specs, cell, plain.withNoise(zoneout));
            add(specs, cell, plain.withNoise(candidate));
            add(specs, cell, plain.withNoise(zoneout.withCandidateDropout(0.25f)));
            add(specs, cell, plain.withNoise(recurrent));
            // With few rows, input products are made ahead of their steps; with many, of tiles.
            specs.add(RecurrentSpec.of(cell, 6, 1, 4, 37)
                    .withDirection(Direction.REVERSE)
                    .withOptions(plain.withNoise(recurrent)));
            specs.add(RecurrentSpec.of(cell, 3, 37, 20, 70).withOptions(plain.withNoise(recurrent)));
            // Several layers, whose masks differ, on either side of a vector's width; dropout between them.
            for (int size : new int[] {16, 37}) {
                specs.add(RecurrentSpec.of(cell, 7, 5, 5, size)
                        .withLayers(2)
                        .withDirection(Direction.BIDIRECTIONAL)
                        .withDropout(0.3f)
                        .withRecomputeSegment(3)
                        .withOptions(plain.withNoise(
                                zoneout.withCandidateDropout(0.25f).withRecurrentDropout(0.3f))));
            }
        }
        add(specs, Cell.GRU, resetBefore.withNoise(zoneout));
        add(specs, Cell.GRU, resetBefore.withNoise(candidate));
        add(specs, Cell.GRU, resetBefore.withNoise(recurrent));
        add(specs, Cell.LSTM, plain.withNoise(CellNoise.NONE.withZoneout(0f, 0.5f)));
        add(specs, Cell.LSTM, plain.withCellClip(0.4f).withNoise(CellNoise.NONE.withZoneout(0.2f, 0.5f)));
        add(specs, Cell.LSTM, plain.withCoupled(true).withNoise(candidate));
        CellNoise all = CellNoise.NONE
                .withZoneout(0.2f, 0.5f)
                .withCandidateDropout(0.4f)
                .withRecurrentDropout(0.3f);
        add(specs, Cell.LSTM, plain.withPeepholes(true).withCellClip(0.4f).withNoise(all));
        add(specs, Cell.LSTM, plain.withNoise(all.inference()));
        add(specs, Cell.GRU, plain.withNoise(zoneout.inference()));
        CellActivations hard =
                new CellActivations(GateActivation.HARD_SIGMOID, GateActivation.SOFTSIGN, GateActivation.elu(0.8f));
        specs.add(RecurrentSpec.of(Cell.LSTM, 7, 37, 20, 40)
                .withLayers(2)
                .withRecomputeSegment(2)
                .withOptions(plain.withPeepholes(true).withActivations(hard).withNoise(all)));
        specs.add(RecurrentSpec.of(Cell.GRU, 7, 37, 20, 40)
                .withLayers(2)
                .withOptions(resetBefore.withNoise(zoneout.withRecurrentDropout(0.3f))));
        specs.add(RecurrentSpec.of(Cell.GRU, 7, 5, 6, 19)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withRecomputeSegment(3)
                .withOptions(resetBefore.withNoise(recurrent)));
    }

    private static void add(List<RecurrentSpec> specs, Cell cell, CellOptions options) {
        int size = 5 + specs.size() * 7 % 30;
        specs.add(RecurrentSpec.of(cell, 5, 3, 4, size)
                .withDirection(options.activations().size() == 1 ? Direction.REVERSE : Direction.BIDIRECTIONAL)
                .withOptions(options));
    }

    private static GateActivation example(GateActivation.Kind kind) {
        float[][] numbers = {{0f, 0f}, {0.3f, 0f}, {0.4f, 0.2f}};
        float[] own = numbers[kind.numbers()];
        return new GateActivation(kind, own[0], own[1]);
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

    /** Every cell in each of the precisions. */
    static Stream<Arguments> cellsIn(Precision... precisions) {
        return Stream.of(Cell.values())
                .flatMap(cell -> Stream.of(precisions).map(precision -> Arguments.arguments(cell, precision)));
    }
}
