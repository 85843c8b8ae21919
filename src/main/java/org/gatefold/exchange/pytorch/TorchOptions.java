package org.gatefold.exchange.pytorch;

import java.util.Map;
import java.util.Set;
import org.gatefold.exchange.CheckpointException;

/** What PyTorch's recurrent modules can be told; weights of a layer that computes otherwise would give other outputs there. Stateless. */
final class TorchOptions {
    /** Options that change what a layer computes from its weights, and that no module of PyTorch's has. */
    private static final Set<String> UNKNOWN = Set.of(
            "gateClip",
            "peepholes",
            "coupledGates",
            "resetBefore",
            "skipInput",
            "batchNorm",
            "activations",
            "learnedInitialState");

    private TorchOptions() {}

    static void require(Slot slot) {
        Map<String, Object> options = slot.layer().description().options();
        for (String option : UNKNOWN) {
            if (options.containsKey(option)) {
                throw refused(slot, option);
            }
        }
        if (((Number) options.get("cellClip")).floatValue() != 0f) {
            throw refused(slot, "cellClip");
        }
        if ("reverse".equalsIgnoreCase(String.valueOf(options.get("direction")))) {
            throw refused(slot, "reverse");
        }
    }

    private static CheckpointException refused(Slot slot, String option) {
        return new CheckpointException("layer '" + slot.name() + "': PyTorch's recurrent modules have no " + option);
    }
}
