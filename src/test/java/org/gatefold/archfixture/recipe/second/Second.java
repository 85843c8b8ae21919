package org.gatefold.archfixture.recipe.second;

/** Another recipe. */
public final class Second {}
