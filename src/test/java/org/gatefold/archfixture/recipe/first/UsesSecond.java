package org.gatefold.archfixture.recipe.first;

import org.gatefold.archfixture.recipe.second.Second;

/** Breaks the rule that no recipe imports another. */
public final class UsesSecond {
    Second other;
}
