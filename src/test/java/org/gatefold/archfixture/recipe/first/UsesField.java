package org.gatefold.archfixture.recipe.first;

import org.gatefold.archfixture.recipe.field.Part;

/** Imports what all recipes share, which breaks no rule. */
public final class UsesField {
    Part part;
}
