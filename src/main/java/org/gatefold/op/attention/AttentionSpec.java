package org.gatefold.op.attention;

import org.gatefold.op.Arguments;

/**
 * How queries attend to keys. Immutable.
 *
 * @param heads into which features are divided, each with weights of its own
 * @param scale of scores: 1 for dot attention, 1/√(features of a head) for scaled dot attention; greater than 0
 * @param causal true if a step attends to no later one
 */
public record AttentionSpec(int heads, float scale, boolean causal) {
    public AttentionSpec {
        Arguments.requireAtLeast("heads", 1, heads);
        Arguments.requirePositive("scale", scale);
    }
}
