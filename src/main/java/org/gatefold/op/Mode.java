package org.gatefold.op;

/** What a plan is made for. */
public enum Mode {
    /** Forward only; no dropout, nothing is kept. */
    INFERENCE,
    /** Forward and backward. */
    TRAINING
}
