package org.gatefold.recipe;

/** Every recipe on {@code cpu}. */
class CpuRecipesTest extends EveryRecipeContract {
    @Override
    String device() {
        return "cpu";
    }

    @Override
    String implementation() {
        return "cpu.native";
    }
}
