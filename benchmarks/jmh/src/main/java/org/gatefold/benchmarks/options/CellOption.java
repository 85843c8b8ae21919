package org.gatefold.benchmarks.options;

import java.util.function.IntFunction;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.op.recurrent.GateActivation;

/**
 * What a measured LSTM has beyond the plain cell, and a measured GRU; {@code drawn} ones differ from one system to the other by their
 * masks.
 */
enum CellOption {
    PLAIN("plain", false, Lstm::of),
    PEEPHOLES("peepholes", false, units -> Lstm.of(units).peepholes()),
    COUPLED("coupled gates", false, units -> Lstm.of(units).coupledGates()),
    HARD_SIGMOID("hard sigmoid", false, units -> Lstm.of(units).recurrentActivation(GateActivation.HARD_SIGMOID)),
    GATE_CLIP("clip of gates", false, units -> Lstm.of(units).gateClip(1f)),
    CELL_CLIP("clip of the cell", false, units -> Lstm.of(units).cellClip(1f)),
    MASK("mask with holes", false, Lstm::of),
    ZONEOUT("zoneout of h and c", true, units -> Lstm.of(units).zoneout(0.1f, 0.1f)),
    CANDIDATE_DROPOUT("dropout of the candidate", true, units -> Lstm.of(units).candidateDropout(0.25f)),
    RECURRENT_DROPOUT("recurrent dropout", true, units -> Lstm.of(units).recurrentDropout(0.25f)),
    PROJECTION("projection to H/2", false, units -> Lstm.of(units).projection(units / 2)),
    LAYER_NORM("layer normalisation", false, units -> Lstm.of(units).layerNorm()),
    BATCH_NORM("batch normalisation", false, units -> Lstm.of(units).batchNorm()),
    GRU("plain GRU", false, Gru::of),
    GRU_LAYER_NORM("GRU, layer normalisation", false, units -> Gru.of(units).layerNorm());

    final String label;
    final boolean drawn;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final IntFunction<RecurrentLayer<?>> make;

    CellOption(String label, boolean drawn, IntFunction<RecurrentLayer<?>> make) {
        this.label = label;
        this.drawn = drawn;
        this.make = make;
    }

    RecurrentLayer<?> layer(int units) {
        return make.apply(units).returnSequences();
    }

    boolean gru() {
        return this == GRU || this == GRU_LAYER_NORM;
    }

    boolean normalises() {
        return this == LAYER_NORM || this == GRU_LAYER_NORM;
    }

    /** The cell without options. */
    CellOption plain() {
        return gru() ? GRU : PLAIN;
    }

    int gates() {
        return gru() ? 3 : 4;
    }
}
