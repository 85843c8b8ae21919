package org.gatefold.archfixture.op;

import org.gatefold.archfixture.data.Rows;

/** Breaks the chain: op must not know of data. */
public final class UsesData {
    Rows rows;
}
