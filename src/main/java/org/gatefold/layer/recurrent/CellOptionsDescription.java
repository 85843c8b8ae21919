package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.layer.Options;
import org.gatefold.op.recurrent.CellActivations;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.GateActivation;

/** How options of cells stand in a layer's description: those that depart from the plain cell, and the clip of c. */
final class CellOptionsDescription {
    private static final String CELL_CLIP = "cellClip";
    private static final String GATE_CLIP = "gateClip";
    private static final String PEEPHOLES = "peepholes";
    private static final String COUPLED = "coupledGates";
    private static final String RESET_BEFORE = "resetBefore";
    private static final String ZONEOUT_H = "zoneoutH";
    private static final String ZONEOUT_C = "zoneoutC";
    private static final String CANDIDATE_DROPOUT = "candidateDropout";
    private static final String RECURRENT_DROPOUT = "recurrentDropout";
    private static final String PROJECTION = "projection";
    private static final String SKIP_INPUT = "skipInput";
    private static final String LAYER_NORM = "layerNorm";

    /** Gate, candidate, output of the first direction, then of the second, with spaces between. */
    private static final String ACTIVATIONS = "activations";

    private static final int OF_A_DIRECTION = 3;

    private CellOptionsDescription() {}

    static void put(CellOptions options, Map<String, Object> to) {
        to.put(CELL_CLIP, options.cellClip());
        putIf(options.gateClip(), GATE_CLIP, to);
        putIf(options.noise().zoneoutH(), ZONEOUT_H, to);
        putIf(options.noise().zoneoutC(), ZONEOUT_C, to);
        putIf(options.noise().candidateDropout(), CANDIDATE_DROPOUT, to);
        putIf(options.noise().recurrentDropout(), RECURRENT_DROPOUT, to);
        putIf(options.peepholes(), PEEPHOLES, to);
        putIf(options.coupled(), COUPLED, to);
        putIf(options.resetBefore(), RESET_BEFORE, to);
        if (options.projection() > 0) {
            to.put(PROJECTION, options.projection());
        }
        putIf(options.skipInput(), SKIP_INPUT, to);
        putIf(options.layerNorm(), LAYER_NORM, to);
        if (!options.activations().isEmpty()) {
            List<String> functions = new ArrayList<>();
            for (CellActivations one : options.activations()) {
                functions.add(one.gate().toString());
                functions.add(one.candidate().toString());
                functions.add(one.output().toString());
            }
            to.put(ACTIVATIONS, String.join(" ", functions));
        }
    }

    private static void putIf(float value, String option, Map<String, Object> to) {
        if (value > 0f) {
            to.put(option, value);
        }
    }

    private static void putIf(boolean chosen, String option, Map<String, Object> to) {
        if (chosen) {
            to.put(option, true);
        }
    }

    static CellOptions of(Options from) {
        return new CellOptions(
                flag(from, PEEPHOLES),
                flag(from, COUPLED),
                flag(from, RESET_BEFORE),
                real(from, GATE_CLIP),
                from.real(CELL_CLIP),
                CellNoise.NONE
                        .withZoneout(real(from, ZONEOUT_H), real(from, ZONEOUT_C))
                        .withCandidateDropout(real(from, CANDIDATE_DROPOUT))
                        .withRecurrentDropout(real(from, RECURRENT_DROPOUT)),
                from.has(ACTIVATIONS)
                        ? activations(List.of(from.text(ACTIVATIONS).split(" ")))
                        : List.of(),
                from.has(PROJECTION) ? from.integer(PROJECTION) : 0,
                flag(from, SKIP_INPUT),
                flag(from, LAYER_NORM));
    }

    private static float real(Options from, String option) {
        return from.has(option) ? from.real(option) : 0f;
    }

    private static boolean flag(Options from, String option) {
        return from.has(option) && from.flag(option);
    }

    private static List<CellActivations> activations(List<String> functions) {
        if (functions.size() % OF_A_DIRECTION != 0) {
            throw new IllegalArgumentException(
                    "activations: expected three functions a direction, got " + functions.size());
        }
        List<CellActivations> all = new ArrayList<>();
        for (int i = 0; i < functions.size(); i += OF_A_DIRECTION) {
            all.add(new CellActivations(
                    GateActivation.parse(functions.get(i)),
                    GateActivation.parse(functions.get(i + 1)),
                    GateActivation.parse(functions.get(i + 2))));
        }
        return all;
    }
}
