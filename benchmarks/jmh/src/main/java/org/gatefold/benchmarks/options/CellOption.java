package org.gatefold.benchmarks.options;

import java.util.function.UnaryOperator;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.op.recurrent.GateActivation;

/** What a measured LSTM has beyond the plain cell; {@code drawn} ones differ from one system to the other by their masks. */
enum CellOption {
    PLAIN("plain", false, layer -> layer),
    PEEPHOLES("peepholes", false, Lstm::peepholes),
    COUPLED("coupled gates", false, Lstm::coupledGates),
    HARD_SIGMOID("hard sigmoid", false, layer -> layer.recurrentActivation(GateActivation.HARD_SIGMOID)),
    GATE_CLIP("clip of gates", false, layer -> layer.gateClip(1f)),
    CELL_CLIP("clip of the cell", false, layer -> layer.cellClip(1f)),
    MASK("mask with holes", false, layer -> layer),
    ZONEOUT("zoneout of h and c", true, layer -> layer.zoneout(0.1f, 0.1f)),
    CANDIDATE_DROPOUT("dropout of the candidate", true, layer -> layer.candidateDropout(0.25f)),
    RECURRENT_DROPOUT("recurrent dropout", true, layer -> layer.recurrentDropout(0.25f)),
    PROJECTION("projection to H/2", false, layer -> layer),
    LAYER_NORM("layer normalisation", false, Lstm::layerNorm);

    final String label;
    final boolean drawn;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final UnaryOperator<Lstm> apply;

    CellOption(String label, boolean drawn, UnaryOperator<Lstm> apply) {
        this.label = label;
        this.drawn = drawn;
        this.apply = apply;
    }

    Lstm layer(int units) {
        Lstm layer = apply.apply(Lstm.of(units)).returnSequences();
        return this == PROJECTION ? layer.projection(units / 2) : layer;
    }
}
