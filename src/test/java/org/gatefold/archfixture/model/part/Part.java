package org.gatefold.archfixture.model.part;

import org.gatefold.archfixture.model.Whole;

public final class Part {
    public Whole whole() {
        return new Whole();
    }
}
