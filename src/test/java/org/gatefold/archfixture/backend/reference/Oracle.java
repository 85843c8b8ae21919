package org.gatefold.archfixture.backend.reference;

/** Something of a backend for other fixtures to import. */
public final class Oracle {}
