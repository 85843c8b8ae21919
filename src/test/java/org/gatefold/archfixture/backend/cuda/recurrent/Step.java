package org.gatefold.archfixture.backend.cuda.recurrent;

/** Something of the room recurrent for other fixtures to import. */
public final class Step {}
