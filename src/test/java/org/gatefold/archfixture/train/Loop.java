package org.gatefold.archfixture.train;

/** Something of the package train for other fixtures to import. */
public final class Loop {}
