package org.gatefold.archfixture.data;

import org.gatefold.archfixture.op.Contract;

/** Breaks the rule that data sees tensor, device and file only. */
public final class UsesOp {
    Contract contract;
}
