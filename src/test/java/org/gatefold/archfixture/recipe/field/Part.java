package org.gatefold.archfixture.recipe.field;

/** What all recipes share. */
public final class Part {}
