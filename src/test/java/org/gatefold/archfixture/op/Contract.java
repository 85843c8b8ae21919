package org.gatefold.archfixture.op;

/** Something of the package op for other fixtures to import. */
public final class Contract {}
