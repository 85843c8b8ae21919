package org.gatefold.archfixture.op;

import org.gatefold.archfixture.backend.reference.Oracle;

/** Breaks two rules: a backend stands right of op, and is imported by nothing. */
public final class UsesBackend {
    Oracle oracle;
}
