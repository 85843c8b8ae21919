package org.gatefold.recipe;

/** Every recipe on {@code cuda:0}. */
class CudaRecipesTest extends EveryRecipeContract {
    @Override
    String device() {
        return "cuda:0";
    }

    @Override
    String implementation() {
        return "cuda.steps";
    }
}
