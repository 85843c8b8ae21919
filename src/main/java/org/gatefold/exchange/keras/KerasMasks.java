package org.gatefold.exchange.keras;

import java.util.Set;

/** What layers of Keras' make of masks. Stateless. */
final class KerasMasks {
    private static final Set<String> READ_ALL = Set.of(
            "Conv1D",
            "MaxPooling1D",
            "AveragePooling1D",
            "GlobalMaxPooling1D",
            "ZeroPadding1D",
            "Flatten",
            "Reshape",
            "Permute",
            "BatchNormalization",
            "Attention");

    private static final Set<String> LEAVE_OUT = Set.of("GlobalAveragePooling1D", "MultiHeadAttention");

    private KerasMasks() {}

    /** Whether a layer of Keras' leaves out the steps that a mask says. */
    static boolean leavesOut(String type) {
        return WrittenLayer.isRecurrent(type) || LEAVE_OUT.contains(type);
    }

    /** Whether a layer of Keras' reads all steps, whatever a mask says, where the one here would leave some out. */
    static boolean readsAll(String type) {
        return READ_ALL.contains(type);
    }
}
