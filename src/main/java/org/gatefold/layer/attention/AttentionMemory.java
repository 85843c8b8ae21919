package org.gatefold.layer.attention;

import org.gatefold.autograd.Variable;

/**
 * What a source offers to queries, made once by {@link SourceAttention#memory} and attended to any number of times. Owns nothing; valid as
 * long as its values are.
 *
 * @param keys what queries are compared with, {@code [S, B, …]}
 * @param values what is summed, {@code [S, B, F]}, with the lengths of the source's rows
 */
public record AttentionMemory(Variable keys, Variable values) {
    public AttentionMemory {
        if (keys.shape().rank() != 3
                || values.shape().rank() != 3
                || keys.shape().dim(0) != values.shape().dim(0)
                || keys.shape().dim(1) != values.shape().dim(1)) {
            throw new IllegalArgumentException("keys: expected [S, B, features] with the steps and rows of the values "
                    + values.shape() + ", got " + keys.shape());
        }
    }
}
