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
            "Permute");

    /** Whose outputs at steps left out are not those of the queries that stand there. */
    private static final Set<String> OF_QUERIES = Set.of("Attention", "AdditiveAttention", "MultiHeadAttention");

    private KerasMasks() {}

    /** Whether what a layer of Keras' gives at steps that a mask leaves out is of its own making. */
    static boolean dependsOnQueries(String type) {
        return OF_QUERIES.contains(type);
    }

    /** Whether a layer of Keras' reads all steps, whatever a mask says, where the one here would leave some out. */
    static boolean readsAll(String type) {
        return READ_ALL.contains(type);
    }
}
