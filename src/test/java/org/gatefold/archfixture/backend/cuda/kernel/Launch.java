package org.gatefold.archfixture.backend.cuda.kernel;

/** Something of the room kernel for other fixtures to import. */
public final class Launch {}
