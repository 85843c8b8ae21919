package org.gatefold.archfixture.cli;

import org.gatefold.archfixture.recipe.second.Second;

/** Breaks the rule that cli names no recipe. */
public final class NamesRecipe {
    Second recipe;
}
