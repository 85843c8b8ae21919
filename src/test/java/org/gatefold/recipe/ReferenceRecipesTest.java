package org.gatefold.recipe;

/** Every recipe on {@code reference}. */
class ReferenceRecipesTest extends EveryRecipeContract {
    @Override
    String device() {
        return "reference";
    }

    @Override
    String implementation() {
        return "reference";
    }
}
