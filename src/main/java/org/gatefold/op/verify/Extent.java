package org.gatefold.op.verify;

/** How much is examined. */
public enum Extent {
    /** The most telling checks of recurrent layers, all of the other operations, no benchmark. */
    QUICK,
    /** Everything. */
    FULL
}
