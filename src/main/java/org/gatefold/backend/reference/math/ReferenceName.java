package org.gatefold.backend.reference.math;

/** The name that the backend, its device and its operations go by. */
public final class ReferenceName {
    public static final String NAME = "reference";

    private ReferenceName() {}
}
