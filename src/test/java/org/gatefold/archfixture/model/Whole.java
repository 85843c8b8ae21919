package org.gatefold.archfixture.model;

import org.gatefold.archfixture.model.part.Part;

/** Imports a room that imports it in turn. */
public final class Whole {
    public Part part() {
        return new Part();
    }
}
