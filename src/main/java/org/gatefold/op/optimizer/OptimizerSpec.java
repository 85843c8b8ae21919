package org.gatefold.op.optimizer;

import org.gatefold.op.Arguments;

/**
 * What an optimiser does, and to which parts of a flat parameter buffer.
 *
 * @param rule how gradients become changes
 * @param penalty on the parameters
 * @param segments where the parameters lie
 */
public record OptimizerSpec(UpdateRule rule, UpdateRule.Penalty penalty, Segments segments) {
    public OptimizerSpec {
        Arguments.requireGiven("rule", rule);
        Arguments.requireGiven("penalty", penalty);
        Arguments.requireGiven("segments", segments);
    }
}
