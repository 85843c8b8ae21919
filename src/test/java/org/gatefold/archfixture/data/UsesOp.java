package org.gatefold.archfixture.data;

import org.gatefold.archfixture.op.Contract;

/** Breaks the rule that data sees tensor and device only. */
public final class UsesOp {
    Contract contract;
}
