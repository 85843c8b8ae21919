package org.gatefold.archfixture.backend.cpu;

import org.gatefold.archfixture.backend.reference.Oracle;

/** Breaks the rule that no backend is imported, not even by another. */
public final class UsesOtherBackend {
    Oracle oracle;
}
